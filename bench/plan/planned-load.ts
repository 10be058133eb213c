import { usageError } from '../../servers/contract/errors.ts'
import type { BadKind } from '../record/slice.ts'
import type { ParsedPlanInput } from './input.ts'
import type { Profile, RateChoice } from './profile.ts'
import { longestSliceMs, lowestRate } from './slice-length.ts'
import type { Axes } from './vary.ts'

/** What is loaded, how long, and how often per restart; rates that are shares are fixed after the first warm-up. */
export type PlannedLoad =
  | {
      readonly mode: 'saturation'
      readonly connections: number
      readonly sliceMs: number
      readonly rounds: number
      /** Few connections, a small pool or a distant database leave a server idle on purpose: no doubt then. */
      readonly mayIdle: boolean
      /** A slow cell goes on until so many responses have come. */
      readonly leastResponses: number
    }
  | { readonly mode: 'fixed-rate'; readonly rate: RateChoice; readonly sliceMs: number; readonly rounds: number }
  | { readonly mode: 'unloaded'; readonly sliceMs: number; readonly rounds: number }
  | {
      readonly mode: 'bad-traffic'
      readonly connections: number
      /** Share of requests that have to be refused. */
      readonly badShare: number
      /** Nothing but this kind, for those who have to refuse it; absent: all kinds in equal parts. */
      readonly kind?: BadKind | undefined
      readonly sliceMs: number
      readonly rounds: number
      /** As at saturation. */
      readonly mayIdle: boolean
      readonly leastResponses: number
    }

/** Of the open loop: enough that a stall of some 30 ms at 2,000 requests/s finds a free one for every request due. */
export const openLoopConnections = 64

/** As recommended for a percentile of a slice: p95 of so many has fifty beyond it. */
const leastResponses = 1000

/**
 * Everything that is loaded, in the order of measuring: closed loop, fixed rates, unloaded, bad traffic.
 *
 * @param badKinds kinds of bad credentials that are measured one by one
 */
export function makeLoads(
  input: ParsedPlanInput,
  profile: Profile,
  axes: Axes,
  badKinds: readonly BadKind[] = [],
): PlannedLoad[] {
  const given = axes.rates.length > 0 ? axes.rates : input.rate === undefined ? [] : [input.rate]
  requireRates(given)
  const rates = given.length === 0 ? profile.fixedRate.rates : given.map((requestsPerSecond) => ({ requestsPerSecond }))
  const { fixedRate, unloaded } = profile
  const levels = axes.connections.length === 0 ? [input.connections] : axes.connections
  const mayIdle = axes.connections.length > 0 || axes.poolSizes.length > 0 || axes.dbDelaysUs.some((us) => us > 0)
  return [
    ...levels.map((connections) => ({
      mode: 'saturation' as const,
      connections,
      sliceMs: input.slice ?? profile.sliceMs,
      rounds: input.rounds ?? profile.rounds,
      mayIdle,
      leastResponses,
    })),
    ...rates.map((rate) => ({
      mode: 'fixed-rate' as const,
      rate,
      sliceMs: fixedRate.sliceMs,
      rounds: fixedRate.rounds,
    })),
    ...(unloaded.rounds === 0 ? [] : [{ mode: 'unloaded' as const, ...unloaded }]),
    ...badTrafficLoads(input, profile, warmUpConnections(input, axes), badKinds).map((bad) => ({
      ...bad,
      mayIdle,
      leastResponses,
    })),
  ]
}

/**
 * The share that was asked for, which shows whether refusing is right under load, and nothing but bad requests, which
 * shows what refusing costs: told from a tenth of the requests that cost would be ten times as uncertain. Then each
 * kind by itself, where that is wanted.
 */
const badTrafficLoads = (
  { badShare, slice, rounds }: ParsedPlanInput,
  profile: Profile,
  connections: number,
  badKinds: readonly BadKind[],
): Omit<Extract<PlannedLoad, { mode: 'bad-traffic' }>, 'mayIdle' | 'leastResponses'>[] =>
  [
    ...[...new Set(badShare === 0 ? [] : [badShare, 1])].map((share) => ({ badShare: share })),
    ...badKinds.map((kind) => ({ badShare: 1, kind })),
  ].map((bad) => ({
    mode: 'bad-traffic' as const,
    connections,
    ...bad,
    sliceMs: slice ?? profile.sliceMs,
    rounds: rounds ?? profile.rounds,
  }))

function requireRates(rates: readonly number[]): void {
  const tooLow = rates.find((rate) => rate < lowestRate)
  if (tooLow === undefined) return
  throw usageError(
    'usage.rate',
    `A rate of ${tooLow} requests/s is too low: a slice lasts ${longestSliceMs / 1000} s at most, and has too few responses there. Give at least ${lowestRate}.`,
  )
}

/** Where several numbers of connections are measured, servers are warmed up under the one nearest to the usual. */
export function warmUpConnections({ connections }: ParsedPlanInput, axes: Axes): number {
  const [nearest] = [...axes.connections].sort((a, b) => Math.abs(a - connections) - Math.abs(b - connections))
  return nearest ?? connections
}
