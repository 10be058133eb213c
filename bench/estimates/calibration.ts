import type { Results } from '../record/run.ts'
import type { Absent, Load, Slice } from '../record/slice.ts'
import { anyQuantileNs, decodeHistogram } from '../statistics/histogram.ts'
import type { Interval } from '../statistics/restart-interval.ts'
import { atReferenceSpeed } from './at-reference-speed.ts'
import { type AgainstItself, comparisonsWithItself } from './calibration-coverage.ts'
import { type Resolution, resolutions } from './calibration-resolution.ts'
import { appCpu } from './calibration-twin.ts'
import { type Cell, cellsOf } from './cells.ts'
import type { SpeedRecord } from './core-speed.ts'
import { sliceFigure } from './slice-figures.ts'

/**
 * What became of a known amount. `recovered`: the whole interval of the error lies within the tolerance. `compatible`:
 * it meets the tolerance, but reaches beyond it: more restarts would tell. `missed`: it does not meet it.
 */
export type RecoveryVerdict = 'recovered' | 'compatible' | 'missed'

/** A known amount under one load: what the server itself measured, and what the harness found from outside. */
export interface Recovery {
  readonly variant: string
  readonly label: string
  /** What was injected: CPU is sought in app CPU per request, a wait in latency, never in CPU. */
  readonly amount: 'cpu' | 'wait'
  readonly load: Load
  /** Microseconds per request, as measured inside the server. */
  readonly injected: Interval
  /** Cost over the control, microseconds per request. */
  readonly recovered: Interval
  /** Recovered minus injected, paired by round. */
  readonly error: Interval
  /** max(10 % of the injected amount, 0.5 us). */
  readonly toleranceUs: number
  readonly verdict: RecoveryVerdict
}

/** What could not be compared, and why. */
export interface AbsentRecovery {
  readonly variant: string
  readonly label: string
  readonly amount: 'cpu' | 'wait'
  readonly load: Load
  readonly absent: string
}

export interface Calibration {
  readonly recoveries: readonly Recovery[]
  readonly absent: readonly AbsentRecovery[]
  /** The smallest cost that can be told from none here, by time. One entry a load that CPU is read under. */
  readonly resolutions: readonly Resolution[]
  /** How often the control and its twin are found equal, as they are. */
  readonly againstItself: readonly AgainstItself[]
  /** Slices of waiting variants at saturation: they sleep, so they fill no core and are rightly left out. */
  readonly waitingSlices: number
}

/** The share of a known amount that the harness may be off, and the least it is allowed. */
const tolerance = { share: 0.1, leastUs: 0.5 }

const toleranceOf = (injectedUs: number): number => Math.max(tolerance.share * injectedUs, tolerance.leastUs)

/** CPU burnt per call, by the server's own account; none in a server that burns none. */
function burntUs({ app }: Slice): number {
  const count = app.strategy.syntheticCount ?? 0
  return count === 0 ? 0 : (app.strategy.syntheticCpuNs ?? 0) / count / 1000
}

/**
 * The median time that authenticating took inside the server: for a waiting one, its wait. A mean would hold stops of
 * some milliseconds that the median of the latency, which it is compared with, does not.
 */
function waitedUs({ app }: Slice): number | Absent {
  const ns = app.steps.auth === undefined ? undefined : anyQuantileNs(decodeHistogram(app.steps.auth), 0.5)
  return ns === undefined ? { absent: 'the server recorded no authentication step' } : ns / 1000
}

const waits = ({ app }: Slice): boolean => (app.strategy.syntheticWaitNs ?? 0) > 0

/** The median of the slice's latency. */
function medianLatencyUs(slice: Slice): number | Absent {
  const ns = anyQuantileNs(decodeHistogram(slice.latency), 0.5)
  return ns === undefined ? { absent: 'no request was answered' } : ns / 1000
}

interface Sides {
  /** What the server says it took. */
  injected(slice: Slice): number | Absent
  /** What the harness saw from outside. */
  found(slice: Slice): number | Absent
}

const sidesOf: Readonly<Record<Recovery['amount'], Sides>> = {
  cpu: { injected: burntUs, found: (slice) => appCpu().source.value(slice) },
  wait: { injected: waitedUs, found: medianLatencyUs },
}

const difference =
  ({ found, injected }: Sides) =>
  (slice: Slice): number | Absent => {
    const [outside, inside] = [found(slice), injected(slice)]
    if (typeof outside !== 'number') return outside
    return typeof inside === 'number' ? outside - inside : inside
  }

/**
 * What the known costs of a `calibrate` run say of this machine: what was recovered of each, how small a cost can be
 * resolved in what time, and how often a server is found equal to itself. Pure: it can be redone from results.json.
 */
export function calibrationOf(results: Pick<Results, 'plan' | 'slices' | 'run'> & SpeedRecord): Calibration {
  // As a run states its costs. A loop that burns by the clock takes as long on a slow core: that part is left as it was read.
  const cells = cellsOf(atReferenceSpeed(results)).filter(({ group }) => group === 'default')
  const answers = cells.flatMap((cell) => known(results.plan).flatMap((one) => recover(one, cell)))
  return {
    recoveries: answers.flatMap((answer) => ('absent' in answer ? [] : [answer])),
    absent: answers.flatMap((answer) => ('absent' in answer ? [answer] : [])),
    resolutions: resolutions(results, cells),
    againstItself: comparisonsWithItself(results, cells),
    waitingSlices: results.slices.filter((slice) => slice.load.mode === 'saturation' && waits(slice)).length,
  }
}

interface Known {
  readonly variant: string
  readonly label: string
  readonly control: string
}

function known(plan: Results['plan']): Known[] {
  const control = plan.variants.find(({ role }) => role === 'control')?.id
  if (control === undefined) return []
  return plan.variants
    .filter(({ strategy, state }) => strategy === 'synthetic' && state === 'measured')
    .map(({ id, label }) => ({ variant: id, label, control }))
}

function recover({ variant, label, control }: Known, cell: Cell): (Recovery | AbsentRecovery)[] {
  const slices = [...(cell.variants.get(variant)?.values() ?? [])].flat()
  const amounts = [
    ...(slices.some((slice) => burntUs(slice) > 0) ? (['cpu'] as const) : []),
    ...(slices.some(waits) ? (['wait'] as const) : []),
  ]
  return amounts.flatMap((amount): (Recovery | AbsentRecovery)[] => {
    // One connection sleeps between requests, a full queue hides what a request waits: neither shows the amount.
    const modes: readonly Load['mode'][] = amount === 'cpu' ? ['saturation', 'fixed-rate'] : ['fixed-rate', 'unloaded']
    if (!modes.includes(cell.load.mode)) return []
    const about = { variant, label, amount, load: cell.load }
    const comparison = { variant, role: 'candidate', baseline: control, pairwise: false } as const
    const ask = (value: (slice: Slice) => number | Absent): Interval | Absent => {
      const question = { metric: appCpu().metric, cell, comparison, kind: 'cost' } as const
      const answer = sliceFigure(question, { kind: 'slice', value })
      return 'absent' in answer ? answer : answer.interval
    }
    const sides = sidesOf[amount]
    const injected = ask(sides.injected)
    const recovered = ask(sides.found)
    const error = ask(difference(sides))
    if ('absent' in injected) return [{ ...about, absent: injected.absent }]
    if ('absent' in recovered) return [{ ...about, absent: recovered.absent }]
    if ('absent' in error) return [{ ...about, absent: error.absent }]
    const toleranceUs = toleranceOf(injected.value)
    return [{ ...about, injected, recovered, error, toleranceUs, verdict: verdictOf(error, toleranceUs) }]
  })
}

function verdictOf({ low, high }: Interval, toleranceUs: number): RecoveryVerdict {
  if (low > toleranceUs || high < -toleranceUs) return 'missed'
  return low >= -toleranceUs && high <= toleranceUs ? 'recovered' : 'compatible'
}
