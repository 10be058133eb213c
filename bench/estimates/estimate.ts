import { metrics } from '../metrics/table.ts'
import type { Bursty } from '../record/bursty.ts'
import type { AbsentEstimate, Estimate } from '../record/estimate.ts'
import type { Lifecycle } from '../record/lifecycle.ts'
import type { Results } from '../record/run.ts'
import { atReferenceSpeed, windowsAtReferenceSpeed } from './at-reference-speed.ts'
import { burstyOf } from './bursty.ts'
import { cellsOf, comparisonsOf, participants } from './cells.ts'
import { coreSpeedOf } from './core-speed.ts'
import { type Answer, type Figure, type Question, questionsOf } from './figure.ts'
import { createMergedHistograms, histogramFigure, type MergedHistograms } from './histogram-figures.ts'
import { lifecycleOf } from './lifecycle.ts'
import { sliceFigure } from './slice-figures.ts'
import { withSpeedError } from './speed-error.ts'
import { poolTuning } from './tuning/pool-tuning.ts'
import { tokenTuning } from './tuning/token-tuning.ts'
import { type Verdict, verdictsOf } from './verdicts.ts'
import { warningsOf } from './warnings.ts'

export type EstimateInput = Pick<Results, 'plan' | 'slices' | 'warmUps' | 'signings' | 'environment'> & {
  /** Calls of sign-ins; absent where none were measured. */
  readonly lifecycle?: Pick<Lifecycle, 'batches'> | undefined
  /** Slices of strategies with a clock of their own. */
  readonly bursty?: Pick<Bursty, 'slices'> | undefined
}
export type EstimateOutput = Pick<
  Results,
  'coreSpeed' | 'estimates' | 'absent' | 'noiseBands' | 'warnings' | 'tuning' | 'lifecycle' | 'bursty'
>

/**
 * Everything that can be said from the record: absolute figures, costs over the control, the first candidate against
 * each other one, each with its 95 % interval (unadjusted) and verdict; what is missing, with its reason; noise bands;
 * doubts about the run; and what a `tune` command was to answer. Pure, so a report can be redone from the file alone (docs/method.md, Estimate).
 */
export function estimate(input: EstimateInput): EstimateOutput {
  const { plan, lifecycle, bursty } = input
  const coreSpeed = coreSpeedOf(input)
  const slices = atReferenceSpeed(input, coreSpeed)
  const everyone = participants(plan, slices)
  const comparisons = comparisonsOf(everyone)
  const merged = createMergedHistograms()
  const figures: Figure[] = []
  const absent = new Map<string, AbsentEstimate>()
  // Single kinds of bad credentials are not for the control; what refusing them costs is a difference of its own.
  const compared = slices.filter(({ load }) => load.mode !== 'bad-traffic' || load.kind === undefined)
  for (const cell of cellsOf(compared)) {
    for (const metric of metrics) {
      const absolutes = new Map<string, number>()
      for (const question of questionsOf(metric, cell, comparisons)) {
        const answer = answerTo(question, merged)
        if ('absent' in answer) {
          const missing = absentEstimate(question, answer.absent)
          // A figure that is missing altogether is said once, not again for its cost and its ratio.
          const key = JSON.stringify([{ ...missing, reason: '' }, cell.group])
          if (!absent.has(key)) absent.set(key, missing)
        } else {
          const { interval } = answer
          const { kind, comparison } = question
          if (kind === 'absolute') absolutes.set(comparison.variant, interval.value)
          const { mode } = cell.load
          const of = { mode, kind, ...comparison, absolute: (variant: string) => absolutes.get(variant) }
          const own = metric.isCpuTime === true ? withSpeedError(interval, of, coreSpeed) : interval
          figures.push({ ...question, ...answer, interval: own })
        }
      }
    }
  }
  const { verdicts, noiseBands, withoutBand } = verdictsOf(figures)
  const estimates = figures.map((figure) => written(figure, verdicts.get(figure)))
  return {
    coreSpeed,
    estimates,
    absent: [...absent.values()],
    noiseBands,
    warnings: warningsOf({ ...input, atOneSpeed: slices, figures, estimates, withoutBand, coreSpeed }),
    ...tuningOf({ ...input, slices: [...slices] }),
    ...(lifecycle === undefined ? {} : { lifecycle: lifecycleOf(lifecycle.batches) }),
    ...(bursty === undefined
      ? {}
      : {
          bursty: {
            ...burstyOf(windowsAtReferenceSpeed(bursty.slices, coreSpeed), plan),
            slices: [...bursty.slices],
          },
        }),
  }
}

/** What a `tune` command was to answer; nothing for other runs. */
function tuningOf(input: EstimateInput): Pick<EstimateOutput, 'tuning'> {
  if (input.plan.purpose === 'tune-pool') return { tuning: { pool: poolTuning(input) } }
  const token = tokenTuning(input)
  return token === undefined ? {} : { tuning: { token } }
}

function answerTo(question: Question, merged: MergedHistograms): Answer {
  const { source } = question.metric
  return source.kind === 'slice' ? sliceFigure(question, source) : histogramFigure(question, source, merged)
}

function absentEstimate({ comparison, metric, quantile, cell, kind }: Question, reason: string): AbsentEstimate {
  const part = comparison.baseline === undefined ? '' : `${kind} over ${comparison.baseline}: `
  const group = cell.group === 'default' ? '' : "with production's Node flags: "
  return {
    variant: comparison.variant,
    metric: metric.id,
    ...(quantile === undefined ? {} : { quantile }),
    load: cell.load,
    reason: `${group}${part}${reason}`,
  }
}

function written(figure: Figure, verdict: Verdict | undefined): Estimate {
  const { comparison, metric, quantile, kind, cell, interval, method, total } = figure
  return {
    variant: comparison.variant,
    ...(comparison.baseline === undefined ? {} : { baseline: comparison.baseline }),
    metric: metric.id,
    ...(quantile === undefined ? {} : { quantile }),
    unit: kind === 'ratio' ? '' : metric.unit,
    kind,
    load: cell.load,
    group: cell.group,
    value: interval.value,
    low: interval.low,
    high: interval.high,
    confidence: interval.confidence,
    ...verdict,
    method,
    restarts: interval.restarts,
    rounds: interval.rounds,
    ...(total === undefined ? {} : { total }),
  }
}
