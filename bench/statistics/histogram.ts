import { inflateSync } from 'node:zlib'
import { build, encodeIntoCompressedBase64 } from 'hdr-histogram-js'
import { bucketMidpointNs, type DurationCounts } from '../../servers/contract/duration-recorder.ts'
import { AuthcostError } from '../../servers/contract/errors.ts'
import type { RecordedHistogram } from '../record/slice.ts'

/** An HDR histogram opened for calculation: `counts[i]` values fell into HDR bucket i. Values in nanoseconds. */
export interface DecodedHistogram {
  readonly significantDigits: number
  readonly counts: Float64Array
  readonly count: number
  readonly meanNs: number
}

/** Buckets an octave has at 1..5 significant digits: half of 2^ceil(log2(2 * 10^digits)), as a power of two. */
const halfCountBits = (significantDigits: number): number => Math.ceil(Math.log2(2 * 10 ** significantDigits)) - 1

/**
 * Turns bucket counts of a server or driver into the standard form that results.json holds.
 *
 * @param counts from `DurationRecorder.counts()`, or a difference of two.
 * @param meanNs mean of the values as recorded; without it the mean of the buckets' middles.
 */
export function histogramFromCounts(counts: DurationCounts, meanNs?: number): RecordedHistogram {
  let count = 0
  let sum = 0
  let maxNs = 0
  // As many digits as the recorder resolved: 6 bits are 2 digits, 10 bits are 3.
  const significantDigits = ([1, 2, 3] as const).find((digits) => halfCountBits(digits) >= counts.subBucketBits) ?? 4
  const middles = counts.buckets.map((bucket) => Math.floor(bucketMidpointNs(bucket, counts.subBucketBits)))
  middles.forEach((middle, i) => {
    const times = counts.counts[i] ?? 0
    count += times
    sum += times * middle
    if (middle > maxNs) maxNs = middle
  })
  const histogram = build({
    lowestDiscernibleValue: 1,
    // The library wants at least 2; no larger than needed, because every bucket below is walked when encoding.
    highestTrackableValue: Math.max(2, maxNs),
    numberOfSignificantValueDigits: significantDigits,
    bitBucketSize: 64,
    useWebAssembly: false,
  })
  middles.forEach((middle, i) => {
    histogram.recordValueWithCount(middle, counts.counts[i] ?? 0)
  })
  return {
    unit: 'ns',
    encoding: 'hdr-v2-base64',
    significantDigits,
    count,
    meanNs: meanNs ?? (count === 0 ? 0 : sum / count),
    data: encodeIntoCompressedBase64(histogram),
  }
}

/**
 * Opens a recorded histogram. Reads the V2 compressed format itself (HdrHistogram, `V2CompressedEncoding`), because a
 * report decodes tens of thousands: about five times as fast as the library, which the test compares it with.
 *
 * @throws {AuthcostError} `results.histogram` when the data is not such a histogram.
 */
export function decodeHistogram(recorded: RecordedHistogram): DecodedHistogram {
  const fail = (why: string, cause?: unknown): AuthcostError =>
    new AuthcostError(
      'results.histogram',
      `A histogram of the results cannot be read (${why}). The file is damaged or was written by another program: take the original file.`,
      { cause },
    )
  const outer = Buffer.from(recorded.data, 'base64')
  if (outer.length < 8 || (outer.readInt32BE(0) & ~0xf0) !== 0x1c849304) throw fail('no V2 compressed HdrHistogram')
  let payload: Buffer
  try {
    payload = inflateSync(outer.subarray(8, 8 + outer.readInt32BE(4)))
  } catch (error) {
    throw fail('its compressed part is broken', error)
  }
  if (payload.length < 40 || (payload.readInt32BE(0) & ~0xf0) !== 0x1c849303) throw fail('no V2 HdrHistogram inside')
  const significantDigits = payload.readInt32BE(12)
  const end = Math.min(payload.length, 40 + payload.readInt32BE(4))
  return { significantDigits, counts: readCounts(payload, end), count: recorded.count, meanNs: recorded.meanNs }
}

// Reused between calls: a fresh one for each of tens of thousands of histograms took most of the time.
let scratch = new Float64Array(65_536)

/** ZigZag LEB128 numbers: a positive one is the next bucket's count, a negative one a run of empty buckets. */
function readCounts(payload: Buffer, end: number): Float64Array {
  let index = 0
  let position = 40
  while (position < end) {
    let low = 0
    let scale = 1
    let bytes = 0
    for (;;) {
      const byte = payload[position++] ?? 0
      bytes++
      // The ninth byte carries eight bits. Counts stay below 2^53, so a float holds them.
      low += (bytes === 9 ? byte : byte & 0x7f) * scale
      if (byte < 0x80 || bytes === 9) break
      scale *= 128
    }
    const negative = low % 2 === 1
    const magnitude = negative ? (low + 1) / 2 : low / 2
    if (negative) {
      index += magnitude
      continue
    }
    if (index >= scratch.length) {
      const larger = new Float64Array(2 * index)
      larger.set(scratch)
      scratch = larger
    }
    scratch[index++] = magnitude
  }
  const used = Math.min(index, scratch.length)
  const counts = scratch.slice(0, used)
  scratch.fill(0, 0, used)
  return counts
}

/**
 * The histogram of all values of the given ones.
 *
 * @throws {AuthcostError} `results.histogram` when they differ in their resolution.
 */
export function mergeHistograms(histograms: readonly DecodedHistogram[]): DecodedHistogram {
  const significantDigits = histograms[0]?.significantDigits ?? 3
  const counts = new Float64Array(histograms.reduce((length, { counts }) => Math.max(length, counts.length), 0))
  let count = 0
  let sum = 0
  for (const histogram of histograms) {
    if (histogram.significantDigits !== significantDigits) {
      throw new AuthcostError(
        'results.histogram',
        `Histograms of ${significantDigits} and ${histogram.significantDigits} significant digits cannot be merged. Compare runs of the same version.`,
      )
    }
    for (let i = 0; i < histogram.counts.length; i++) counts[i] = (counts[i] ?? 0) + (histogram.counts[i] ?? 0)
    count += histogram.count
    sum += histogram.meanNs * histogram.count
  }
  return { significantDigits, counts, count, meanNs: count === 0 ? 0 : sum / count }
}

/** A percentile rests on at least this many responses beyond it, else it is absent (docs/method.md, Validity). */
export const leastBeyondQuantile = 50

/** Whether enough values lie beyond the quantile for it to be shown. */
export const hasEnoughBeyond = (count: number, quantile: number): boolean =>
  // The tolerance keeps 5,000 values enough for p99, where 1 - 0.99 is a little more than 0.01.
  count * (1 - quantile) >= leastBeyondQuantile - 1e-6

/**
 * The quantile in nanoseconds, linear within its bucket, whatever its support (`hasEnoughBeyond`); undefined only for an
 * empty histogram.
 *
 * @param quantile 0..1
 */
export function anyQuantileNs(histogram: DecodedHistogram, quantile: number): number | undefined {
  if (histogram.count === 0) return undefined
  const rank = quantile * histogram.count
  const bits = halfCountBits(histogram.significantDigits)
  let below = 0
  let last: number | undefined
  for (let index = 0; index < histogram.counts.length; index++) {
    const here = histogram.counts[index] ?? 0
    if (here === 0) continue
    last = index
    if (below + here >= rank) {
      const { lowNs, widthNs } = bucketBounds(index, bits)
      return lowNs + widthNs * Math.max(0, Math.min(1, (rank - below) / here))
    }
    below += here
  }
  if (last === undefined) return undefined
  const { lowNs, widthNs } = bucketBounds(last, bits)
  return lowNs + widthNs
}

/** First nanosecond and width of HDR bucket `index`; the layout is the duration recorder's. */
function bucketBounds(index: number, bits: number): { readonly lowNs: number; readonly widthNs: number } {
  const linear = 2 ** bits
  if (index < linear) return { lowNs: index, widthNs: 1 }
  const exponent = Math.floor(index / linear) - 1
  return { lowNs: (linear + (index % linear)) * 2 ** exponent, widthNs: 2 ** exponent }
}

/** The non-empty buckets, ascending, for drawing: lower edge and width in nanoseconds, number of values. */
export function histogramBuckets(
  histogram: DecodedHistogram,
): { readonly lowNs: number; readonly widthNs: number; readonly count: number }[] {
  const bits = halfCountBits(histogram.significantDigits)
  const buckets: { lowNs: number; widthNs: number; count: number }[] = []
  histogram.counts.forEach((count, index) => {
    if (count > 0) buckets.push({ ...bucketBounds(index, bits), count })
  })
  return buckets
}
