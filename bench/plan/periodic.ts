import type { Plan } from './plan.ts'
import type { PlannedLoad } from './planned-load.ts'
import type { PlannedVariant } from './planned-variant.ts'
import { expectedRate } from './rate.ts'
import { fixedRateSliceMs } from './slice-length.ts'

/** A longer clock is not waited for. */
const longestPeriodMs = 5000
/** In its place: some requests of a popular user, and short enough that a window holds both hits and misses. */
const shortPeriodMs = 1000
/** Servers of their own take some 13 s a restart; all ten would take minutes. */
const mostShortenedRestarts = 5
/** Users who leave a cookie away once a period: few enough that misses do not overload the server, whatever the rate. */
const mostLapsingUsers = 256
/** Users who get new credentials while measured: enough for a population, few enough to sign for in seconds. */
const mostRenewingUsers = 512

/**
 * How what a variant does once a period for each user is measured apart (docs/method.md, Bursty cost): by its own clock;
 * on a server of its own with a shorter one; by giving clients new credentials after a shorter time; or by their leaving
 * away a cookie once in a shorter time, as if it had run out.
 */
export interface PeriodicMeasurement {
  readonly way: 'own-clock' | 'shortened-clock' | 'new-credentials' | 'lapsed-cookie'
  /** The variant's own period, which costs are derived for. */
  readonly everyMs: number
  /** The period that is measured with. */
  readonly measuredEveryMs: number
}

/** Undefined where it has no such work, or its period is too long and cannot be shortened. */
export function periodicMeasurement({ role, variant, deployment }: PlannedVariant): PeriodicMeasurement | undefined {
  const { periodic } = variant.traits
  if (role !== 'candidate' || deployment !== undefined || periodic === undefined) return undefined
  const { everyMs, begins } = periodic
  if (begins !== undefined) {
    const way = begins === 'with-a-new-credential' ? 'new-credentials' : 'lapsed-cookie'
    return { way, everyMs, measuredEveryMs: Math.min(everyMs, shortPeriodMs) }
  }
  if (everyMs <= longestPeriodMs) return { way: 'own-clock', everyMs, measuredEveryMs: everyMs }
  if (periodic.canBeShortened === undefined) return undefined
  return { way: 'shortened-clock', everyMs, measuredEveryMs: shortPeriodMs }
}

/** The load that periodic work is measured under: the first fixed rate. */
export const periodicLoad = ({ loads }: Plan): Extract<PlannedLoad, { mode: 'fixed-rate' }> | undefined =>
  loads.flatMap((load) => (load.mode === 'fixed-rate' && load.rounds > 0 ? [load] : []))[0]

/** How long its windows will be, milliseconds, as far as the plan shows it; 0 without such a load. */
export function periodicSliceMs(plan: Plan): number {
  const load = periodicLoad(plan)
  return load === undefined ? 0 : fixedRateSliceMs(load.sliceMs, expectedRate(plan, load.rate))
}

export const lapsingUsers = ({ users }: Pick<Plan, 'users'>): number => Math.min(users, mostLapsingUsers)

export const shortenedRestarts = ({ restarts }: Pick<Plan, 'restarts'>): number =>
  Math.min(restarts, mostShortenedRestarts)

/** Users who get new credentials, and how many each gets at the most. */
export function renewals(
  plan: Plan,
  { measuredEveryMs }: PeriodicMeasurement,
): { readonly users: number; readonly generations: number } {
  // One more for what the reading of counters and waking up add.
  return {
    users: Math.min(plan.users, mostRenewingUsers),
    generations: Math.ceil((1.25 * periodicMs(measuredEveryMs, periodicSliceMs(plan))) / measuredEveryMs) + 2,
  }
}

/** Times everything is left to run out, windows after it, and pairs of windows once the share of misses is steady. */
export const periodicSteps = { cycles: 2, fallingWindows: 4, steadyPairs: 3 } as const
/**
 * Where misses are drawn: blocks of a window for each of two shares and one by the clock. Before, misses alone, because
 * all that the server was warmed up with were hits: better-auth's first 100 took 1.7 to 4.2 ms of app CPU each, later ones
 * 1.1 (docs/method.md). They come as fast as they are answered, for twice the time at the most.
 */
export const drawnSteps = { blocks: 6, missesFirst: { requestsPerSecond: 1000, durationMs: 3000 } } as const
/** Uncounted, so that no window holds the waking up, nor the pause in which counters are read. */
export const betweenWindowsMs = 100
/** Reading counters around each window. */
const readingMs = 20

/**
 * Shares of misses to draw, around the one that the clock gives (0..1), so that the line through both is checked in its middle. None
 * is 0: with no request that asks Postgres at all, hits cost less than the line says.
 */
export const drawnShares = (byTheClock: number): readonly [number, number] => [
  byTheClock / 2,
  Math.min(1, Math.max(1.5 * byTheClock, leastDearShare)),
]
/** At high rates the clock gives next to none, and nothing could be told apart. */
const leastDearShare = 0.1

/** How long it takes by the clients' own clock, milliseconds. */
export function drawnMs(everyMs: number, sliceMs: number): number {
  const { blocks, missesFirst } = drawnSteps
  return 2 * missesFirst.durationMs + 2 * everyMs + 3 * blocks * (betweenWindowsMs + sliceMs + readingMs)
}

/** How long one measurement takes by the server's clock, milliseconds: silences with windows behind them, two periods of load, pairs of windows. */
export function periodicMs(everyMs: number, sliceMs: number): number {
  const { cycles, fallingWindows, steadyPairs } = periodicSteps
  const windows = cycles * fallingWindows + 2 * steadyPairs
  return (cycles + 2) * everyMs + windows * (sliceMs + readingMs) + (cycles + 2 * steadyPairs) * betweenWindowsMs
}
