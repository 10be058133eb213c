import type { Metric } from '../metrics/metric.ts'
import { type Absent, isValid, type Slice } from '../record/slice.ts'
import {
  anyQuantileNs,
  type DecodedHistogram,
  decodeHistogram,
  hasEnoughBeyond,
  leastBeyondQuantile,
  mergeHistograms,
} from '../statistics/histogram.ts'
import { exponentiated, intervalOfRestarts } from '../statistics/restart-interval.ts'
import { mean } from '../statistics/samples.ts'
import type { Cell } from './cells.ts'
import type { Answer, Asked } from './figure.ts'

export type HistogramSource = Extract<Metric['source'], { kind: 'histogram' }>

/** One restart's valid slices of a variant, merged. */
interface Merged {
  readonly histogram: DecodedHistogram
  readonly rounds: number
  /** Quantiles found so far, nanoseconds: the control's are asked for by every variant. */
  readonly quantiles: Map<number, number | undefined>
}

/** Merges and remembers, so that each recorded histogram is decoded once whatever number of quantiles asks for it. */
export type MergedHistograms = (
  source: HistogramSource,
  cell: Cell,
  variant: string,
) => ReadonlyMap<string, Merged | Absent>

export function createMergedHistograms(): MergedHistograms {
  const known = new Map<HistogramSource, Map<Cell, Map<string, ReadonlyMap<string, Merged | Absent>>>>()
  return (source, cell, variant) => {
    const ofSource = known.get(source) ?? new Map<Cell, Map<string, ReadonlyMap<string, Merged | Absent>>>()
    known.set(source, ofSource)
    const ofCell = ofSource.get(cell) ?? new Map<string, ReadonlyMap<string, Merged | Absent>>()
    ofSource.set(cell, ofCell)
    const found = ofCell.get(variant)
    if (found !== undefined) return found
    const restarts = cell.variants.get(variant) ?? new Map<string, readonly Slice[]>()
    const merged = new Map([...restarts].map(([restart, slices]) => [restart, merge(source, slices, cell.leastRounds)]))
    ofCell.set(variant, merged)
    return merged
  }
}

function merge(source: HistogramSource, slices: readonly Slice[], leastRounds: number): Merged | Absent {
  const decoded: DecodedHistogram[] = []
  for (const slice of slices.filter(isValid)) {
    const recorded = source.histogram(slice)
    if ('absent' in recorded) return recorded
    decoded.push(decodeHistogram(recorded))
  }
  if (decoded.length < leastRounds) return { absent: 'too few valid rounds' }
  return { histogram: mergeHistograms(decoded), rounds: decoded.length, quantiles: new Map() }
}

/** In one restart, on average, a percentile is taken with fewer values beyond it; all restarts together have the 50. */
export const leastBeyondPerRestart = 10

/** Estimates a quantile of merged histograms: `restart-histograms-t`, for ratios `restart-histograms-log-t`. */
export function histogramFigure(question: Asked, source: HistogramSource, merged: MergedHistograms): Answer {
  const { cell, comparison, kind } = question
  const quantile = question.quantile ?? 0.5
  const own = merged(source, cell, comparison.variant)
  if (own.size === 0) return { absent: 'it was not measured under this load' }
  const other = comparison.baseline === undefined ? undefined : merged(source, cell, comparison.baseline)
  const values: number[] = []
  let rounds = 0
  let paired = 0
  let missing: string | undefined
  let countOwn = 0
  let countOther = 0
  for (const [restart, mine] of own) {
    const theirs = other?.get(restart)
    if (other !== undefined && theirs === undefined) continue
    paired++
    const value = restartQuantile(mine, quantile, own)
    const baseline = theirs === undefined || other === undefined ? undefined : restartQuantile(theirs, quantile, other)
    const unusable = [value, baseline].find((side) => side !== undefined && 'absent' in side)
    if (unusable !== undefined && 'absent' in unusable) {
      missing ??= unusable.absent
      continue
    }
    if ('absent' in value || (baseline !== undefined && 'absent' in baseline)) continue
    const [x, y] = [value.ns * source.perNs, baseline === undefined ? undefined : baseline.ns * source.perNs]
    if (y === undefined) values.push(x)
    else if (kind === 'cost') values.push(x - y)
    else if (x > 0 && y > 0) values.push(Math.log(x / y))
    rounds += baseline === undefined ? value.rounds : Math.min(value.rounds, baseline.rounds)
    countOwn += value.count
    countOther += baseline?.count ?? value.count
  }
  if (paired === 0) return { absent: `it was never measured in the same restart as ${comparison.baseline}` }
  const interval = intervalOfRestarts(values, { rounds, dropped: paired - values.length })
  if ('absent' in interval)
    return missing === undefined || missing === 'too few valid rounds' ? interval : { absent: missing }
  const count = Math.min(countOwn, countOther)
  if (!hasEnoughBeyond(count, quantile)) {
    return { absent: `only ${beyond(count, quantile)} of at least ${leastBeyondQuantile} responses lie beyond it` }
  }
  return kind === 'ratio'
    ? { interval: exponentiated(interval), method: 'restart-histograms-log-t' }
    : { interval, method: 'restart-histograms-t' }
}

const beyond = (count: number, quantile: number): number => Math.floor(count * (1 - quantile) + 1e-6)

/**
 * A quantile of one restart, where enough values lie beyond it in the restarts of this variant on average. Restarts are not judged one by
 * one: in a closed loop the slow ones have fewer responses, and leaving them out would make the rest too fast.
 */
export function restartQuantile(
  merged: Merged | Absent,
  quantile: number,
  restarts: ReadonlyMap<string, Merged | Absent>,
): { readonly ns: number; readonly rounds: number; readonly count: number } | Absent {
  if ('absent' in merged) return merged
  const { count } = merged.histogram
  if (!merged.quantiles.has(quantile)) merged.quantiles.set(quantile, anyQuantileNs(merged.histogram, quantile))
  const ns = merged.quantiles.get(quantile)
  const usual = beyond(meanCount(restarts), quantile)
  if (ns === undefined || usual < leastBeyondPerRestart) {
    return {
      absent: `only ${usual} of at least ${leastBeyondPerRestart} responses of a restart lie beyond it: measure longer slices`,
    }
  }
  return { ns, rounds: merged.rounds, count }
}

/** Once for each variant and load: every restart and quantile asks. */
const meanCounts = new WeakMap<ReadonlyMap<string, Merged | Absent>, number>()

function meanCount(restarts: ReadonlyMap<string, Merged | Absent>): number {
  const known = meanCounts.get(restarts)
  if (known !== undefined) return known
  const found = mean([...restarts.values()].flatMap((one) => ('absent' in one ? [] : [one.histogram.count])))
  meanCounts.set(restarts, found)
  return found
}
