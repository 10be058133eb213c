/** How many linear sub-buckets an octave has: 2^6 = 64, a relative error of at most 1/128 at the bucket's midpoint. */
export const stepSubBucketBits = 6

/**
 * Counts of durations in log-linear buckets: the first 2^bits buckets are 1 ns wide, then each octave has 2^bits
 * equal buckets (the layout of HdrHistogram). Plain typed array: recording costs a few nanoseconds, allocates nothing,
 * and the counts can be sent over IPC, which node's own histogram cannot.
 */
export class DurationRecorder {
  readonly #counts: Float64Array
  readonly #bits: number

  /** @param subBucketBits 1..12; 6 is enough for steps in a server, 10 gives three significant digits. */
  constructor(subBucketBits: number = stepSubBucketBits) {
    this.#bits = subBucketBits
    // 2^37 ns = 137 s is the largest octave; longer durations are counted there.
    this.#counts = new Float64Array((38 - subBucketBits) << subBucketBits)
  }

  /** @param durationNs a duration in nanoseconds, >= 0; fractions are cut off, negatives count as 0. */
  record(durationNs: number): void {
    let value = durationNs < 137_438_953_471 ? durationNs : 137_438_953_471
    if (!(value > 0)) value = 0
    const index = bucketIndex(value, this.#bits)
    const count = this.#counts[index] ?? 0
    this.#counts[index] = count + 1
  }

  /** The non-empty buckets so far, ascending. */
  counts(): DurationCounts {
    const buckets: number[] = []
    const counts: number[] = []
    for (let index = 0; index < this.#counts.length; index++) {
      const count = this.#counts[index] ?? 0
      if (count > 0) {
        buckets.push(index)
        counts.push(count)
      }
    }
    return { subBucketBits: this.#bits, buckets, counts }
  }

  reset(): void {
    this.#counts.fill(0)
  }
}

/** Sparse bucket counts: `counts[i]` durations fell into bucket `buckets[i]` (ascending). */
export interface DurationCounts {
  readonly subBucketBits: number
  readonly buckets: number[]
  readonly counts: number[]
}

/** The bucket a duration (ns, >= 0) falls into. */
export function bucketIndex(durationNs: number, subBucketBits: number): number {
  const linear = 1 << subBucketBits
  if (durationNs < linear) return durationNs | 0
  // Values may exceed 2^31: halve in floating point until they fit into 32 bits, then count leading zeros.
  let shift = 0
  let value = durationNs
  while (value >= 2_147_483_648) {
    value /= 2
    shift++
  }
  const integer = value | 0
  const exponent = 31 - Math.clz32(integer) - subBucketBits
  return ((exponent + shift + 1) << subBucketBits) + ((integer >>> exponent) - linear)
}

/** The middle of a bucket, in nanoseconds: what a duration recorded there is taken to have been. */
export function bucketMidpointNs(index: number, subBucketBits: number): number {
  const linear = 1 << subBucketBits
  if (index < linear) return index
  const exponent = (index >> subBucketBits) - 1
  const low = (linear + (index & (linear - 1))) * 2 ** exponent
  return low + (2 ** exponent - 1) / 2
}

/** `later` minus `earlier`, both cumulative counts of the same recorder. */
export function subtractCounts(later: DurationCounts, earlier: DurationCounts): DurationCounts {
  const before = new Map(earlier.buckets.map((bucket, i) => [bucket, earlier.counts[i] ?? 0]))
  const buckets: number[] = []
  const counts: number[] = []
  later.buckets.forEach((bucket, i) => {
    const count = (later.counts[i] ?? 0) - (before.get(bucket) ?? 0)
    if (count > 0) {
      buckets.push(bucket)
      counts.push(count)
    }
  })
  return { subBucketBits: later.subBucketBits, buckets, counts }
}

/** Counts of several recorders with the same buckets as if one had recorded it all. */
export function addCounts([first, ...others]: readonly [DurationCounts, ...DurationCounts[]]): DurationCounts {
  const sums = new Map<number, number>()
  for (const { buckets, counts } of [first, ...others]) {
    for (const [index, bucket] of buckets.entries()) sums.set(bucket, (sums.get(bucket) ?? 0) + (counts[index] ?? 0))
  }
  const sorted = [...sums].sort(([a], [b]) => a - b)
  return {
    subBucketBits: first.subBucketBits,
    buckets: sorted.map(([bucket]) => bucket),
    counts: sorted.map(([, count]) => count),
  }
}
