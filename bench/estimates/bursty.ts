import { boundsOrAbsent } from '../record/bounded.ts'
import type { Bursty, BurstySlice, BurstyVariant } from '../record/bursty.ts'
import type { PlanRecord } from '../record/run.ts'
import { type Absent, isValid, restartKey, type Slice } from '../record/slice.ts'
import type { Bounded } from '../record/tuning.ts'
import { type Line, lineThrough } from '../statistics/least-squares.ts'
import { intervalOfRestarts } from '../statistics/restart-interval.ts'
import { median } from '../statistics/samples.ts'

/** Rates of a single user that the cost is derived at, requests per minute. */
export const userRatesPerMinute: readonly number[] = [0.1, 1, 10, 60]

/** The share of misses has to vary by this much within a restart for the two costs to be told apart. */
const leastSpread = 0.05
const leastWindows = 3

/** Cost of hits and misses, derived costs and their check, for every variant that was measured so. */
export function burstyOf(slices: readonly BurstySlice[], { popularity, users }: Population): Bursty {
  const variants = [...new Set(slices.map(({ slice }) => slice.variant))]
  return {
    slices: [...slices],
    variants: variants.flatMap((variant) => {
      const own = slices.filter(({ slice }) => slice.variant === variant)
      const [first] = own
      if (first === undefined || first.slice.load.mode !== 'fixed-rate') return []
      const { everyMs, measuredEveryMs, users: asked } = first
      const { requestsPerSecond } = first.slice.load
      const derivedMissShare = missShareOf(
        requestsPerSecond,
        measuredEveryMs ?? everyMs,
        asked ?? users,
        popularity.exponent,
      )
      return [
        {
          variant,
          everyMs,
          ...(measuredEveryMs === undefined ? {} : { measuredEveryMs }),
          ...(asked === undefined ? {} : { users: asked }),
          requestsPerSecond,
          ...estimated(own, everyMs, derivedMissShare),
        },
      ]
    }),
  }
}

export type Population = Pick<PlanRecord, 'popularity' | 'users'>

/** Of Poisson arrivals at this rate: one miss, then hits for a period, then on average 1 / rate until the next miss. */
export const missShareAt = (requestsPerSecond: number, everyMs: number): number =>
  1 / (1 + (requestsPerSecond * everyMs) / 1000)

/** The same over a population that shares the rate by Zipf's law. */
export function missShareOf(requestsPerSecond: number, everyMs: number, users: number, exponent: number): number {
  const weights = Array.from({ length: users }, (_, rank) => (rank + 1) ** -exponent)
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  return weights.reduce((sum, weight) => {
    const share = weight / total
    return sum + share * missShareAt(requestsPerSecond * share, everyMs)
  }, 0)
}

type Estimated = Pick<BurstyVariant, 'restarts' | 'hitUs' | 'missUs' | 'atUserRate' | 'check'>

function estimated(own: readonly BurstySlice[], everyMs: number, derivedMissShare: number): Estimated {
  const restarts = restartsOf(own)
  const lines = restarts.flatMap(({ line }) => (line === undefined ? [] : [line]))
  const missing = own.map(({ slice }) => cpuUs(slice)).find((cpu) => typeof cpu !== 'number')
  const over = (values: readonly number[]): Bounded | Absent => {
    if (missing !== undefined && typeof missing !== 'number') return missing
    if (values.length === 0) {
      const valid = own.some(({ slice }) => isValid(slice))
      return { absent: valid ? 'the share of misses hardly varied, or few windows were valid' : 'no window was valid' }
    }
    return boundsOrAbsent(
      intervalOfRestarts(values, { rounds: values.length, dropped: restarts.length - values.length }),
    )
  }
  const at = (missShare: number) => over(lines.map(({ at0, slope }) => at0 + slope * missShare))
  const checked = restarts.flatMap(({ line, check }) =>
    line === undefined || check === undefined ? [] : [{ derived: line.at0 + line.slope * derivedMissShare, ...check }],
  )
  const differenceUs = over(checked.map(({ derived, us }) => us - derived))
  return {
    restarts: lines.length,
    hitUs: at(0),
    missUs: at(1),
    atUserRate: userRatesPerMinute.map((requestsPerUserPerMinute) => ({
      requestsPerUserPerMinute,
      cpuUs: at(missShareAt(requestsPerUserPerMinute / 60, everyMs)),
    })),
    check: {
      derivedMissShare,
      measuredMissShare: over(checked.map(({ missShare }) => missShare)),
      derivedUs: over(checked.map(({ derived }) => derived)),
      measuredUs: over(checked.map(({ us }) => us)),
      differenceUs,
      ...('absent' in differenceUs ? {} : { agrees: differenceUs.low <= 0 && differenceUs.high >= 0 }),
    },
  }
}

/** What one restart of a variant says. */
interface Restart {
  /** Of `restartKey`. */
  readonly key: string
  /** Through the windows of its fit; absent where the share of misses hardly varied. */
  readonly line: Line | undefined
  /** Medians of the windows kept for the check. */
  readonly check: { readonly us: number; readonly missShare: number } | undefined
}

/** The restarts of one variant, in the order in which they were measured. */
export function restartsOf(own: readonly BurstySlice[]): readonly Restart[] {
  const byRestart = new Map<string, BurstySlice[]>()
  for (const one of own) {
    const key = restartKey(one.slice)
    byRestart.set(key, [...(byRestart.get(key) ?? []), one])
  }
  return [...byRestart].map(([key, slices]) => {
    const points = (wanted: BurstySlice['purpose']) =>
      slices.flatMap(({ purpose, misses, slice }) => {
        const y = cpuUs(slice)
        if (purpose !== wanted || !isValid(slice) || slice.requests === 0 || typeof y !== 'number') return []
        return [{ x: misses / slice.requests, y }]
      })
    const fit = points('fit')
    const shares = fit.map(({ x }) => x)
    const enough = fit.length >= leastWindows && Math.max(...shares) - Math.min(...shares) >= leastSpread
    const check = points('check')
    return {
      key,
      line: enough ? lineThrough(fit) : undefined,
      check:
        check.length === 0
          ? undefined
          : { us: median(check.map(({ y }) => y)), missShare: median(check.map(({ x }) => x)) },
    }
  })
}

/** App and database CPU per request, with that of companions. */
function cpuUs({ app, database, processes = [], requests }: Slice): number | Absent {
  if ('absent' in database) return database
  let us = app.cpuUs + database.cpuUs
  for (const process of processes) {
    if (typeof process.cpuUs !== 'number') return process.cpuUs
    us += process.cpuUs
  }
  return us / requests
}
