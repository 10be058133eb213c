import { decideOnPrecision, shownWider } from '../estimates/precision.ts'
import { decideOnPools } from '../estimates/tuning/pool-decision.ts'
import type { IsActive } from '../plan/order.ts'
import type { Plan } from '../plan/plan.ts'
import { restartsBegun, restartsWhole } from '../record/restarts.ts'
import type { Results, Warning } from '../record/run.ts'
import { durationText } from '../report/figure-text.ts'
import { type Precision, parsePrecision } from '../statistics/precision.ts'
import { TimeLimit } from './time-limit.ts'

/** What the run loop asks after each restart. */
export interface Decision {
  readonly stop: boolean
  readonly warnings: readonly Warning[]
  /** What is still measured from now on. Absent: everything. */
  readonly isActive?: IsActive
  /** How far it is, for whoever watches. */
  readonly words?: string
}

/** What rules look at. */
export type DecisionRecord = Pick<Results, 'plan' | 'slices' | 'environment'>

export type Decide = (record: DecisionRecord, restarts: RestartsSoFar) => Decision

/** Of all parts of a run. Those that were cut short were begun and took their time, but rules do not count them. */
export interface RestartsSoFar {
  readonly whole: number
  readonly begun: number
}

const goOn: Decision = { stop: false, warnings: [] }

/**
 * The stopping rule of a plan: that of `tune pool` (pools-3); that of `--precision` (sequential-8; docs/method.md for both);
 * and `--max-time`, or the time that its profile may take, which bounds the one before as well. Whatever is not reached in
 * time is said; nothing is shrunk silently.
 *
 * @param earlierRestarts that earlier parts of the run began; the time is that of this part
 * @param nowMs monotonic clock, milliseconds
 */
export function makeDecide(
  plan: Plan,
  earlierRestarts = 0,
  nowMs: () => number = () => performance.now(),
): Decide | undefined {
  if (plan.purpose === 'tune-pool') return plan.plainGrid === true ? sayPools : decidePools
  if (plan.precision === undefined && plan.maxTimeMs === undefined) return undefined
  const time = new TimeLimit(plan, earlierRestarts, nowMs)
  const precision = plan.precision === undefined ? undefined : parsePrecision(plan.precision)
  return (record, restarts) => {
    const tooLate = time.isTooLateForAnother(restarts.begun)
    return precision === undefined
      ? decideOnTime(plan, restarts, tooLate)
      : decideOnWidth(plan, record, restarts, { precision, tooLate })
  }
}

function decideOnTime(plan: Plan, { whole }: RestartsSoFar, tooLate: boolean): Decision {
  if (!tooLate || whole < plan.leastRestarts) return goOn
  const limit = durationText(plan.maxTimeMs ?? 0)
  const [why, remedy] =
    plan.profile === 'custom'
      ? ['', 'Give more time with --max-time, or go on with --resume and the folder of this run.']
      : [
          ' This machine is slower than was planned for.',
          `--resume with the folder of this run adds the others; --restarts ${plan.restarts} measures all at once, however long it takes.`,
        ]
  return {
    stop: true,
    words: `another would end after ${limit}`,
    warnings: [
      {
        code: 'stopped-by-time',
        message: `Stopped after ${whole} of ${plan.restarts} restarts, because another would have ended after ${limit}. Intervals are wider than with all of them.${why}`,
        remedy,
        severity: 'low',
      },
    ],
  }
}

function decideOnWidth(
  plan: Plan,
  record: DecisionRecord,
  { whole, begun }: RestartsSoFar,
  { precision, tooLate }: { readonly precision: Precision; readonly tooLate: boolean },
): Decision {
  const decision = decideOnPrecision(record, whole, precision)
  if (decision.action === 'stop')
    return { stop: true, warnings: limitsOf(plan.precision, shownWider(record, precision)) }
  if (!tooLate && begun < plan.restarts) return goOn
  const figures = decision.tooWide.length === 0 ? 'the figures of cost' : decision.tooWide.join('; ')
  const needed =
    decision.restartsNeeded === undefined || !Number.isFinite(decision.restartsNeeded)
      ? 'how many restarts it would take cannot be told'
      : `it would take about ${decision.restartsNeeded} restarts`
  return {
    stop: true,
    warnings: [
      {
        code: 'precision-not-reached',
        message: `The precision of ${plan.precision} was not reached in ${whole} restarts for: ${figures}; ${needed}.`,
        remedy:
          'Give more time with --max-time or --restarts, ask for less precision, or measure on a quieter machine.',
        severity: 'high',
      },
    ],
  }
}

/** Restarts were enough; what all figures of a load have in common they cannot narrow. */
const limitsOf = (precision: string | undefined, wider: readonly string[]): readonly Warning[] =>
  wider.length === 0
    ? []
    : [
        {
          code: 'precision-limited',
          message: `The precision of ${precision} was reached between restarts, but intervals are wider for: ${wider.join('; ')}. They hold what figures of CPU may be wrong by in common as well, because the cores changed their speed; more restarts would not narrow that.`,
          remedy:
            'Measure on a quieter machine, where every sample of the cores finds them at one speed (`npm run bench -- doctor` shows it). Which variant is dearer does not depend on it.',
          severity: 'low',
        },
      ]

/**
 * What the rule of `tune pool` says of the earlier parts of a run that goes on. Undefined where there are none, and for
 * other plans: the time that `--precision` may take is told by a restart of this part.
 */
export function decideSoFar(plan: Plan, earlier: Results | undefined): Decision | undefined {
  if (earlier === undefined || plan.purpose !== 'tune-pool') return undefined
  return makeDecide(plan)?.(earlier, { whole: restartsWhole(earlier), begun: restartsBegun(earlier) })
}

/** The adaptive rule of `tune pool`: what is settled, or shown to be too poor, gets no further rounds. */
const decidePools: Decide = (record, { whole }) => {
  const { active, stop, settled, goingOn } = decideOnPools(record, whole)
  const worth = new Set(active.map(({ variant, connections }) => cellKey(variant, connections)))
  const levels = new Set(active.map(({ connections }) => connections))
  return {
    stop,
    warnings: [],
    words: `${settled}; ${goingOn}`,
    isActive: ({ key, deployment }, load) => {
      if (load.mode !== 'saturation') return false
      // Tokens are what lookups are compared with: as long as any lookup is measured under this load.
      return deployment === undefined ? levels.has(load.connections) : worth.has(cellKey(key, load.connections))
    },
  }
}

/** A plain grid goes on whatever is settled. */
const sayPools: Decide = (record, { whole }) => ({
  ...goOn,
  words: decideOnPools(record, whole).settled,
})

const cellKey = (variant: string, connections: number): string => `${variant} ${connections}`
