import type { Metric } from '../../metrics/metric.ts'
import { metricById } from '../../metrics/table.ts'
import type { Results } from '../../record/run.ts'
import type { Load, Slice } from '../../record/slice.ts'
import { type EstimatedMean, meanOfInterval } from '../../statistics/independent.ts'
import { type Interval, intervalOfRestarts, restartInterval } from '../../statistics/restart-interval.ts'
import { atReferenceSpeed } from '../at-reference-speed.ts'
import { type Cell, type Comparison, cellsOf, participants } from '../cells.ts'
import type { SpeedRecord } from '../core-speed.ts'
import {
  createMergedHistograms,
  type HistogramSource,
  histogramFigure,
  type MergedHistograms,
  restartQuantile,
} from '../histogram-figures.ts'
import { pairsOf, type SliceSource } from '../slice-figures.ts'

/**
 * What two runs are compared by. `control`: a cost as a multiple of the same run's control, so that a machine that was
 * slower as a whole does not count. `own-unit`: the cost itself.
 */
export type Scale = 'control' | 'own-unit'

/** One figure of one run, as it is compared. */
export interface RunFigure {
  readonly variant: string
  readonly role: Slice['role']
  readonly metric: Metric
  readonly quantile?: number
  readonly load: Load
  /** A share of the control (1 = as much as the control), or in the metric's unit. */
  readonly scale: Scale
  readonly estimate: { readonly interval: Interval; readonly mean: EstimatedMean } | { readonly absent: string }
}

/** Whether two runs can be compared by a metric: more of it has to be good or bad. */
export const isComparable = ({ direction }: Metric): boolean => direction !== 'neutral'

/** All figures of a run by the metrics given, candidates and twin, under every load but bad traffic. */
export function runFigures(
  record: Pick<Results, 'plan'> & SpeedRecord,
  metricsAsked: readonly Metric[],
  scale: Scale,
): RunFigure[] {
  const slices = atReferenceSpeed(record)
  const everyone = participants(record.plan, slices)
  const control = everyone.find(({ role }) => role === 'control')?.id
  const merged = createMergedHistograms()
  return cellsOf(slices.filter(({ group, load }) => group === 'default' && load.mode !== 'bad-traffic')).flatMap(
    (cell) =>
      metricsAsked.flatMap((metric) => {
        if (!(metric.comparedIn ?? metric.loads).includes(cell.load.mode)) return []
        const quantiles = metric.source.kind === 'histogram' ? metric.source.quantiles : [undefined]
        return everyone
          .filter(({ id, role }) => role !== 'control' && cell.variants.has(id))
          .flatMap(({ id, role }) =>
            quantiles.map((quantile): RunFigure => {
              const asked: Asked = { variant: id, role, control, metric, cell, quantile, scale: scaleOf(metric, scale) }
              const interval = intervalOf(asked, merged)
              return {
                variant: id,
                role,
                metric,
                ...(quantile === undefined ? {} : { quantile }),
                load: cell.load,
                scale: asked.scale,
                estimate: 'absent' in interval ? interval : { interval, mean: meanOfInterval(interval) },
              }
            }),
          )
      }),
  )
}

interface Asked {
  readonly variant: string
  readonly role: Slice['role']
  readonly control: string | undefined
  readonly metric: Metric
  readonly cell: Cell
  readonly quantile: number | undefined
  readonly scale: Scale
}

/** Counts and bytes do not depend on how fast a machine is: they are compared as they are. */
const scaleOf = (metric: Metric, scale: Scale): Scale => (yardstickOf(metric) === undefined ? 'own-unit' : scale)

const appCpu = metricById('appCpuUsPerRequest')?.source

/** What of the control a cost is measured by. Its database CPU is 0, so all CPU is measured by the control's app CPU. */
function yardstickOf({ unit, source, kinds }: Metric): SliceSource | HistogramSource | undefined {
  if (source.kind === 'histogram') return kinds.includes('cost') ? source : undefined
  if (unit === 'req/s') return source
  return kinds.includes('cost') && appCpu?.kind === 'slice' ? appCpu : undefined
}

function intervalOf(asked: Asked, merged: MergedHistograms): Interval | { readonly absent: string } {
  const { source } = asked.metric
  return source.kind === 'slice' ? sliceInterval(asked, source) : histogramInterval(asked, source, merged)
}

/** The variant with the control, or alone. */
const comparisonOf = ({ variant, role, control }: Asked, withControl: boolean): Comparison => ({
  variant,
  role,
  pairwise: false,
  ...(withControl && control !== undefined ? { baseline: control } : {}),
})

/** Per restart the median over rounds, over restarts Student's t, as every estimate. */
function sliceInterval(asked: Asked, source: SliceSource): Interval | { readonly absent: string } {
  const { control, metric, cell, scale } = asked
  const isCost = metric.kinds.includes('cost')
  const paired = isCost || scale === 'control'
  if (paired && control === undefined) return { absent: 'the run has no control' }
  const restarts = pairsOf({ cell, comparison: comparisonOf(asked, paired) })
  if ('absent' in restarts) return restarts
  const yardstick = scale === 'control' ? yardstickOf(metric) : undefined
  let missing: string | undefined
  const read = (from: SliceSource, slice: Slice): number | undefined => {
    const found = from.value(slice)
    if (typeof found === 'number') return found
    missing ??= found.absent
    return undefined
  }
  const values = restarts.map((pairs) =>
    pairs.flatMap(({ slice, baseline }) => {
      const own = read(source, slice)
      if (own === undefined) return []
      if (baseline === undefined) return [own]
      const less = isCost ? read(source, baseline) : 0
      const unit = yardstick?.kind === 'slice' ? read(yardstick, baseline) : 1
      if (less === undefined || unit === undefined || unit <= 0) return []
      return [(own - less) / unit]
    }),
  )
  const interval = restartInterval(values, { leastRounds: cell.leastRounds })
  return 'absent' in interval && missing !== undefined ? { absent: missing } : interval
}

function histogramInterval(
  asked: Asked,
  source: HistogramSource,
  merged: MergedHistograms,
): Interval | { readonly absent: string } {
  const { variant, control, metric, cell, quantile = 0.5, scale } = asked
  const isCost = metric.kinds.includes('cost')
  if (isCost && control === undefined) return { absent: 'the run has no control' }
  const comparison = comparisonOf(asked, isCost)
  // The rules on how many responses a percentile needs, and the cost in the metric's own unit.
  const answer = histogramFigure({ cell, comparison, kind: isCost ? 'cost' : 'absolute', quantile }, source, merged)
  if ('absent' in answer) return answer
  if (scale === 'own-unit' || control === undefined) return answer.interval
  const controls = merged(source, cell, control)
  const all = merged(source, cell, variant)
  const values = [...all].flatMap(([restart, mine]) => {
    const theirs = controls.get(restart)
    if (theirs === undefined) return []
    const [own, other] = [restartQuantile(mine, quantile, all), restartQuantile(theirs, quantile, controls)]
    return 'absent' in own || 'absent' in other || other.ns <= 0 ? [] : [own.ns / other.ns - 1]
  })
  const { rounds, dropped } = answer.interval
  return intervalOfRestarts(values, { rounds, dropped })
}
