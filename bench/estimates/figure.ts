import type { Metric } from '../metrics/metric.ts'
import type { Estimate } from '../record/estimate.ts'
import type { Absent } from '../record/slice.ts'
import type { Interval } from '../statistics/restart-interval.ts'
import type { Cell, Comparison } from './cells.ts'

/** One thing to estimate: which metric of whom, where. */
export interface Question {
  readonly metric: Metric
  readonly cell: Cell
  readonly comparison: Comparison
  readonly kind: Estimate['kind']
  readonly quantile?: number
}

/** As much of a question as estimating takes: the source of its values comes beside it. */
export type Asked = Pick<Question, 'cell' | 'comparison' | 'kind' | 'quantile'>

export interface Figure extends Question {
  readonly interval: Interval
  readonly method: string
  readonly total?: number
}

export type Answer = { readonly interval: Interval; readonly method: string; readonly total?: number } | Absent

/** The questions that a metric has in a cell. Absolute ones first: their absence explains that of the others. */
export function questionsOf(metric: Metric, cell: Cell, comparisons: readonly Comparison[]): Question[] {
  if (!metric.loads.includes(cell.load.mode)) return []
  const compared = (metric.comparedIn ?? metric.loads).includes(cell.load.mode)
  const quantiles = metric.source.kind === 'histogram' ? metric.source.quantiles : [undefined]
  return comparisons.flatMap((comparison) => {
    if (comparison.pairwise && !metric.pairwise) return []
    return metric.kinds
      .filter(
        (kind) => (comparison.baseline === undefined) === (kind === 'absolute') && (kind === 'absolute' || compared),
      )
      .flatMap((kind) =>
        quantiles.map((quantile) => ({
          metric,
          cell,
          comparison,
          kind,
          ...(quantile === undefined ? {} : { quantile }),
        })),
      )
  })
}
