import type { RecordedHistogram } from '../record/slice.ts'
import {
  type DecodedHistogram,
  decodeHistogram,
  hasEnoughBeyond,
  histogramBuckets,
  mergeHistograms,
} from '../statistics/histogram.ts'

/** Few enough that thousands of slices never stand decoded in memory at once (one takes up to 150 kB). */
const mergedAtOnce = 32

/** All responses of the given slices' histograms. */
export function mergeRecorded(recorded: readonly RecordedHistogram[]): DecodedHistogram {
  let merged: DecodedHistogram | undefined
  for (let start = 0; start < recorded.length; start += mergedAtOnce) {
    const chunk = recorded.slice(start, start + mergedAtOnce).map(decodeHistogram)
    merged = mergeHistograms(merged === undefined ? chunk : [merged, ...chunk])
  }
  return merged ?? mergeHistograms([])
}

/** Steps of the curve on the axis -log10(1 - q): twenty from p0 to p90, twenty to p99, and so on. */
const stepsPerNine = 20

/** `[quantile, microseconds]`, ascending, evenly spaced on a logarithmic percentile axis, as far as supported. */
export function percentileCurve(histogram: DecodedHistogram): readonly (readonly [number, number])[] {
  const quantiles: number[] = []
  for (let step = 1; step <= 6 * stepsPerNine; step++) {
    const quantile = 1 - 10 ** (-step / stepsPerNine)
    if (!hasEnoughBeyond(histogram.count, quantile)) break
    quantiles.push(quantile)
  }
  const points: (readonly [number, number])[] = []
  let below = 0
  let next = 0
  for (const { lowNs, widthNs, count } of histogramBuckets(histogram)) {
    for (; next < quantiles.length; next++) {
      const quantile = quantiles[next] ?? 1
      const rank = quantile * histogram.count
      if (rank > below + count) break
      const ns = lowNs + widthNs * Math.max(0, (rank - below) / count)
      points.push([Number(quantile.toPrecision(6)), rounded(ns / 1000)])
    }
    below += count
  }
  return points
}

/** Width of a bin: 6 %, fine enough for the shape of a peak and coarse enough for a smooth line of a short slice. */
const binRatio = Math.log(1.06)

/**
 * `[microseconds, share of the highest bin]` on logarithmic bins from the smallest value to p99.8. Equal widths on the
 * axis mean equal weights: the area under the line is the share of responses.
 */
export function logDistribution(histogram: DecodedHistogram): readonly (readonly [number, number])[] {
  const bins = new Map<number, number>()
  let below = 0
  for (const { lowNs, widthNs, count } of histogramBuckets(histogram)) {
    if (below >= histogram.count * 0.998) break
    below += count
    const bin = Math.floor(Math.log(Math.max(1, lowNs + widthNs / 2)) / binRatio)
    bins.set(bin, (bins.get(bin) ?? 0) + count)
  }
  if (bins.size === 0) return []
  const highest = Math.max(...bins.values())
  const first = Math.min(...bins.keys()) - 1
  const last = Math.max(...bins.keys()) + 1
  return Array.from({ length: last - first + 1 }, (_, index) => {
    const bin = first + index
    return [rounded(Math.exp((bin + 0.5) * binRatio) / 1000), rounded((bins.get(bin) ?? 0) / highest)] as const
  })
}

/** Four digits: more cannot be seen in a chart, and the file is a third as large. */
const rounded = (value: number): number => Number(value.toPrecision(4))
