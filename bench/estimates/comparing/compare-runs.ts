import type { Metric } from '../../metrics/metric.ts'
import type { Results } from '../../record/run.ts'
import { type Load, loadKey } from '../../record/slice.ts'
import { exceedsP } from '../../statistics/exceeding.ts'
import { holmAdjusted } from '../../statistics/holm.ts'
import { type Bounds, differenceOfMeans, type EstimatedMean, ratioOfMeans } from '../../statistics/independent.ts'
import { type RunFigure, runFigures, type Scale } from './run-figures.ts'

/**
 * What is said of one figure. With a limit: `regression` (worse by more than the limit, shown), `within-limit` (shown
 * not to be), `undecided`. Without: `worse`, `better`, `no-difference-shown`.
 */
export type ComparisonVerdict = 'regression' | 'within-limit' | 'undecided' | 'worse' | 'better' | 'no-difference-shown'

/** One figure of the earlier run against the same of the later one. */
export interface FigureComparison {
  readonly variant: string
  readonly metric: Metric
  readonly quantile?: number
  readonly load: Load
  readonly scale: Scale
  readonly before: EstimatedMean
  readonly after: EstimatedMean
  /** after - before, with Welch's 95 % interval, not adjusted. */
  readonly difference: Bounds
  /** after / before - 1, with Fieller's 95 % interval; absent where before is below 0 or cannot be told from it. */
  readonly change: Bounds | { readonly absent: string }
  /** Holm-adjusted p, one-sided, that the verdict rests on. */
  readonly adjustedP: number
  readonly verdict: ComparisonVerdict
}

export interface RunComparison {
  readonly figures: readonly FigureComparison[]
  /** What only one of them has, or has no estimate of, with the reason. */
  readonly notCompared: readonly {
    readonly variant: string
    readonly metric: Metric
    readonly quantile?: number
    readonly load: Load
    readonly reason: string
    /** The earlier run has an estimate of it and the later run none: nobody can tell whether it got worse. */
    readonly lost: boolean
  }[]
}

export interface ComparisonOptions {
  readonly metrics: readonly Metric[]
  readonly scale: Scale
  /** Largest change for the worse that is accepted: 0.05 for 5 %. Absent: nothing is a regression, changes are only told. */
  readonly maxRegression?: number
}

/** Wrong at most once in so many comparisons of runs that do not differ by more than the limit. */
const alpha = 0.05

/**
 * Holds each figure of a later run against the same figure of an earlier one (docs/method.md, Comparing two runs). Pure:
 * both are computed anew from the slices.
 */
export function compareRuns(earlier: Results, later: Results, options: ComparisonOptions): RunComparison {
  const before = runFigures(earlier, options.metrics, options.scale)
  const after = runFigures(later, options.metrics, options.scale)
  const bands = noiseBands([...before, ...after])
  const found = new Map(after.map((figure) => [keyOf(figure), figure]))
  const notCompared: RunComparison['notCompared'][number][] = []
  const leaveOut = ({ variant, metric, quantile, load, role }: RunFigure, reason: string, lost = false): void => {
    if (role !== 'candidate') return
    notCompared.push({ variant, metric, ...(quantile === undefined ? {} : { quantile }), load, reason, lost })
  }
  const pairs: { readonly figure: RunFigure; readonly before: EstimatedMean; readonly after: EstimatedMean }[] = []
  for (const figure of before) {
    const other = found.get(keyOf(figure))
    found.delete(keyOf(figure))
    if (other === undefined) leaveOut(figure, 'only in the earlier run', !('absent' in figure.estimate))
    else if ('absent' in figure.estimate) leaveOut(figure, `earlier run: ${figure.estimate.absent}`)
    else if ('absent' in other.estimate) leaveOut(figure, `later run: ${other.estimate.absent}`, true)
    else if (figure.role === 'candidate')
      pairs.push({ figure, before: figure.estimate.mean, after: other.estimate.mean })
  }
  for (const figure of found.values()) leaveOut(figure, 'only in the later run')
  return { figures: judged(pairs, bands, options.maxRegression), notCompared }
}

interface PairedFigure {
  readonly figure: RunFigure
  readonly before: EstimatedMean
  readonly after: EstimatedMean
}

function judged(
  pairs: readonly PairedFigure[],
  bands: ReadonlyMap<string, number>,
  maxRegression: number | undefined,
): FigureComparison[] {
  const exceeding = holmAdjusted(pairs.map((pair) => worseP(pair, maxRegression ?? 0)))
  const staying = holmAdjusted(pairs.map((pair) => 1 - worseP(pair, maxRegression ?? 0)))
  // Without a limit both directions are claimed, so each gets half.
  const level = maxRegression === undefined ? alpha / 2 : alpha
  return pairs.map((pair, index) => {
    const { figure, before, after } = pair
    const [worse = 1, notWorse = 1] = [exceeding[index], staying[index]]
    const difference = differenceOfMeans(after, before)
    const band = noDifference(figure) === undefined ? 0 : bands.get(bandKey(figure))
    const beyondNoise = band !== undefined && distance(pair) > band
    const adjustedP = Math.min(1, Math.min(worse, notWorse) * (maxRegression === undefined ? 2 : 1))
    return {
      variant: figure.variant,
      metric: figure.metric,
      ...(figure.quantile === undefined ? {} : { quantile: figure.quantile }),
      load: figure.load,
      scale: figure.scale,
      before,
      after,
      difference,
      change: changeOf(after, before),
      adjustedP,
      verdict:
        maxRegression === undefined
          ? beyondNoise && Math.min(worse, notWorse) < level
            ? worse < notWorse
              ? 'worse'
              : 'better'
            : 'no-difference-shown'
          : worse < level && beyondNoise
            ? 'regression'
            : notWorse < level
              ? 'within-limit'
              : 'undecided',
    }
  })
}

/**
 * One-sided p of "not worse by more than the limit", which is a share of the size of what was before: a cost may be below
 * 0. Of throughput, less is worse.
 */
function worseP({ figure, before, after }: PairedFigure, limit: number): number {
  const [now, then] =
    figure.metric.direction === 'higher-is-better' ? [negative(after), negative(before)] : [after, before]
  return exceedsP(now, then, then.value < 0 ? 1 - limit : 1 + limit)
}

const negative = (mean: EstimatedMean): EstimatedMean => ({ ...mean, value: -mean.value })

function changeOf(after: EstimatedMean, before: EstimatedMean): FigureComparison['change'] {
  // A count that does not vary: its ratio is exact.
  if (before.standardError === 0 && before.value === 0) return { absent: 'it was 0 before' }
  if (before.value < 0) return { absent: 'it was below 0 before' }
  const ratio = ratioOfMeans(after, before)
  if ('absent' in ratio) return ratio
  return { value: ratio.value - 1, low: ratio.low - 1, high: ratio.high - 1 }
}

const bandKey = ({ metric, quantile, load }: RunFigure): string => [metric.id, quantile ?? '', loadKey(load)].join(' ')
const keyOf = (figure: RunFigure): string => `${bandKey(figure)} ${figure.variant}`

/** How far apart two ratios are: a share of the control's throughput is noisy in proportion to itself. */
const logRatio = (a: number, b: number): number =>
  a > 0 && b > 0 ? Math.abs(Math.log(a / b)) : Number.POSITIVE_INFINITY

/** How far apart a figure of two runs is, as the noise band measures it. */
const distance = ({ figure, before, after }: PairedFigure): number =>
  noDifference(figure) === 1 ? logRatio(after.value, before.value) : Math.abs(after.value - before.value)

/**
 * Per metric, percentile and load the larger of what the two runs' twins show against their controls. Figures that are no
 * comparison with a control have none: their twin says nothing of noise, and may have no such figure (it sends no query).
 */
function noiseBands(figures: readonly RunFigure[]): Map<string, number> {
  const bands = new Map<string, number>()
  for (const figure of figures) {
    if (figure.role !== 'twin' || 'absent' in figure.estimate) continue
    const { interval } = figure.estimate
    const same = noDifference(figure)
    if (same === undefined) continue
    const band = Math.max(
      ...[interval.low, interval.high].map((bound) => (same === 0 ? Math.abs(bound) : logRatio(bound, same))),
    )
    bands.set(bandKey(figure), Math.max(band, bands.get(bandKey(figure)) ?? 0))
  }
  return bands
}

/** What a twin that is like its control comes to; undefined where a figure is no comparison with the control. */
function noDifference({ metric, scale }: RunFigure): number | undefined {
  if (metric.kinds.includes('cost')) return 0
  return scale === 'control' ? 1 : undefined
}
