import type { Load } from '../record/slice.ts'
import { type Deployment, instancesOf } from './deployment.ts'

/** No slice waits for its responses for longer, milliseconds. */
export const longestSliceMs = 3000

/** A slice of fewer than 50 is doubtful (bench/measure/validity.ts): of 80 that are due by Poisson's law, 2 of 10,000. */
const fixedRateResponses = 80
/** One connection: twice the fewest, for a median of some worth. */
export const unloadedResponses = 100

/** Whole requests per second; of a lower rate no slice would have its responses in time. */
export const lowestRate = Math.ceil((fixedRateResponses * 1000) / longestSliceMs)

/** As planned, or until so many responses have come, no longer than `longestSliceMs` unless that was planned. */
export const sliceMsFor = (sliceMs: number, responses: number, perSecond: number): number =>
  Math.max(sliceMs, Math.min(longestSliceMs, Math.ceil((responses * 1000) / perSecond)))

/** How long a slice at this rate lasts: as planned, longer at a low rate. */
export const fixedRateSliceMs = (sliceMs: number, requestsPerSecond: number): number =>
  sliceMsFor(sliceMs, fixedRateResponses, requestsPerSecond)

/** How long a slice under this load lasts, which was planned with `sliceMs`. */
export const sliceMsUnder = (load: Load, sliceMs: number): number =>
  load.mode === 'fixed-rate' ? fixedRateSliceMs(sliceMs, load.requestsPerSecond) : sliceMs

/** One request alone, on loopback, seconds. */
const requestS = 0.0002

/** Most requests per second of a closed loop, by distance and pool; what CPU allows is not known before a run. */
export function mostRequestsPerSecond(
  { poolSize }: { readonly poolSize: number },
  connections: number,
  deployment: Deployment | undefined,
): number {
  const roundTripS = requestS + (deployment?.dbDelayUs ?? 0) / 1e6
  const connectionsToPostgres = (deployment?.poolSize ?? poolSize) * instancesOf(deployment)
  return Math.min(connections, connectionsToPostgres) / roundTripS
}
