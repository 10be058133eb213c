import { createRandom } from './random.ts'

export interface ArrivalOptions {
  readonly arrivals: 'poisson' | 'uniform'
  /** > 0 */
  readonly requestsPerSecond: number
  /** > 0 */
  readonly durationMs: number
  readonly seed: number
  /** Names the slice, so that each has arrivals of its own. */
  readonly stream?: string
}

/**
 * When each request of an open-loop slice is due, computed beforehand: nanoseconds from the start of the slice,
 * ascending, all below its length.
 *
 * `poisson`: independent exponential gaps, as of many users who know nothing of one another; their number varies.
 * `uniform`: evenly paced, the first at half a gap.
 */
export function arrivalTimesNs(options: ArrivalOptions): Float64Array {
  const gapNs = 1e9 / options.requestsPerSecond
  const endNs = options.durationMs * 1e6
  if (options.arrivals === 'uniform') {
    const count = Math.round(endNs / gapNs)
    return Float64Array.from({ length: count }, (_, i) => (i + 0.5) * gapNs).filter((due) => due < endNs)
  }
  const random = createRandom(options.seed, `arrivals/${options.stream ?? ''}`)
  const due: number[] = []
  for (let at = gapNs * random.exponential(); at < endNs; at += gapNs * random.exponential()) due.push(at)
  return Float64Array.from(due)
}
