import { metricById } from '../metrics/table.ts'
import type { Results } from '../record/run.ts'
import type { Precision } from '../statistics/precision.ts'
import { decideSequentially, type PrecisionFigure, type StoppingDecision, targetOf } from '../statistics/stopping.ts'
import { atReferenceSpeed } from './at-reference-speed.ts'
import { cellsOf, comparisonsOf, participants } from './cells.ts'
import { coreSpeedOf, type SpeedRecord } from './core-speed.ts'
import { describeLoad } from './describe-load.ts'
import { questionsOf } from './figure.ts'
import { sliceFigure } from './slice-figures.ts'
import { withSpeedError } from './speed-error.ts'

/** What a precision is told from. */
export type PrecisionRecord = Pick<Results, 'plan'> & SpeedRecord

interface CostFigure extends PrecisionFigure {
  /** Of the interval that the report shows: with what all figures of a load may be wrong by in common, which no restart narrows. */
  readonly shownHalfWidth: number
}

const unknown = { value: Number.NaN, halfWidth: Infinity, restartSd: Infinity, shownHalfWidth: Infinity }

/** What `--precision` is held against: the app CPU cost of every candidate under every load that has one. */
export function precisionFigures(record: PrecisionRecord): CostFigure[] {
  const { plan } = record
  const coreSpeed = coreSpeedOf(record)
  const slices = atReferenceSpeed(record, coreSpeed)
  const metric = metricById('appCpuUsPerRequest')
  if (metric === undefined || metric.source.kind !== 'slice') return []
  const { source } = metric
  const comparisons = comparisonsOf(participants(plan, slices)).filter(
    ({ baseline, pairwise, role }) => baseline !== undefined && !pairwise && role === 'candidate',
  )
  // A precision is asked for of what authentication costs, not of what refusing does, nor of production's Node flags.
  const cells = cellsOf(slices).filter(({ load, group }) => load.mode !== 'bad-traffic' && group === 'default')
  return cells.flatMap((cell) =>
    questionsOf(metric, cell, comparisons).flatMap((question) => {
      const answer = sliceFigure(question, source)
      const name = `app CPU cost of ${question.comparison.variant} ${describeLoad(cell.load)}`
      // Who has no figure is not narrow enough.
      if ('absent' in answer) return [{ name: `${name} (no figure: ${answer.absent})`, ...unknown }]
      const { value, high, restartSd } = answer.interval
      const { mode } = cell.load
      const absolute = (variant: string): number | undefined => {
        const comparison = { variant, role: 'candidate' as const, pairwise: false }
        const found = sliceFigure({ cell, comparison, kind: 'absolute' }, source)
        return 'absent' in found ? undefined : found.interval.value
      }
      const shown = withSpeedError(answer.interval, { mode, kind: 'cost', ...question.comparison, absolute }, coreSpeed)
      return [{ name, value, halfWidth: high - value, restartSd, shownHalfWidth: shown.high - value }]
    }),
  )
}

/**
 * The rule `sequential-8` on a run's record: call it after each restart.
 *
 * @param restarts restarts completed so far.
 */
export const decideOnPrecision = (
  record: PrecisionRecord,
  restarts: number,
  precision: Precision,
): StoppingDecision => {
  const figures = precisionFigures(record)
  // Nothing to hold against the target (all slices doubtful) must not read as "all narrow enough".
  if (figures.length === 0) return { action: 'continue', tooWide: [] }
  return decideSequentially({ restarts, figures, precision })
}

/** Names of the figures whose intervals, as the report shows them, are wider than the target all the same. */
export const shownWider = (record: PrecisionRecord, precision: Precision): readonly string[] =>
  precisionFigures(record)
    .filter(({ shownHalfWidth, value }) => !(shownHalfWidth <= targetOf(precision, value)))
    .map(({ name }) => name)
