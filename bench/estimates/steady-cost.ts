import { totalCpuUs } from '../metrics/cpu-metrics.ts'
import { type Bounded, boundsOf } from '../record/bounded.ts'
import type { BurstySlice } from '../record/bursty.ts'
import type { Results } from '../record/run.ts'
import { isValid, type Load, loadKey, restartKey, type Slice } from '../record/slice.ts'
import { intervalOfRestarts } from '../statistics/restart-interval.ts'
import { median } from '../statistics/samples.ts'
import { atReferenceSpeed, windowsAtReferenceSpeed } from './at-reference-speed.ts'
import { missShareOf, restartsOf } from './bursty.ts'
import { coreSpeedOf, type SpeedRecord } from './core-speed.ts'

/** What a variant with a clock of its own costs over the control at the run's rate, its clock running as in use. */
export interface SteadyCost {
  readonly variant: string
  readonly load: Load
  /** `measured`: of the steady windows kept for the check. `derived`: of hits and misses, where the period was shortened. */
  readonly from: 'measured' | 'derived'
  /** App and database CPU per request, with that of companions, minus the control's, microseconds. */
  readonly us: Bounded
}

/**
 * Costs of those variants from the windows of their own, because their share of misses in ordinary slices is not that of
 * use: per restart minus the median of the control's valid slices at that rate, over restarts the mean with Student's t
 * (docs/method.md, Hits and misses). With a shortened period the windows miss more often than with the real one, so there
 * the cost at the real period is derived.
 *
 * @returns nothing for a variant with fewer than three restarts that say it.
 */
export function steadyCosts(results: Pick<Results, 'bursty' | 'plan'> & SpeedRecord): readonly SteadyCost[] {
  const coreSpeed = coreSpeedOf(results)
  const slices = atReferenceSpeed(results, coreSpeed)
  const bursty = windowsAtReferenceSpeed(results.bursty?.slices ?? [], coreSpeed)
  return [...new Set(bursty.map(({ slice }) => slice.variant))].flatMap((variant) => {
    const own = bursty.filter(({ slice }) => slice.variant === variant)
    const [first] = own
    if (first === undefined) return []
    const { load } = first.slice
    const control = controlUs(slices, load)
    const shortened = first.measuredEveryMs !== undefined
    const missShare = shortened ? ownMissShare(first, results.plan) : 0
    const restarts = restartsOf(own)
    const values = restarts.flatMap(({ key, line, check }) => {
      const us = shortened ? line && line.at0 + line.slope * missShare : check?.us
      const baseline = control.get(key)
      return us === undefined || baseline === undefined ? [] : [us - baseline]
    })
    const interval = intervalOfRestarts(values, { rounds: values.length, dropped: restarts.length - values.length })
    if ('absent' in interval) return []
    return [{ variant, load, from: shortened ? ('derived' as const) : ('measured' as const), us: boundsOf(interval) }]
  })
}

/** The share of misses that the real period gives at the run's rate, over all users of the plan. */
function ownMissShare({ everyMs, slice: { load } }: BurstySlice, { users, popularity }: Results['plan']): number {
  return load.mode === 'fixed-rate' ? missShareOf(load.requestsPerSecond, everyMs, users, popularity.exponent) : 0
}

/** Median CPU per request of the control in each restart. */
function controlUs(slices: readonly Slice[], load: Load): ReadonlyMap<string, number> {
  const byRestart = new Map<string, number[]>()
  for (const slice of slices) {
    if (slice.role !== 'control' || slice.group !== 'default' || loadKey(slice.load) !== loadKey(load)) continue
    const us = totalCpuUs(slice)
    if (!isValid(slice) || slice.requests === 0 || typeof us !== 'number') continue
    byRestart.set(restartKey(slice), [...(byRestart.get(restartKey(slice)) ?? []), us / slice.requests])
  }
  return new Map([...byRestart].map(([key, values]) => [key, median(values)]))
}
