import type { Plan } from '../plan/plan.ts'
import { predictRestarts } from '../plan/predict.ts'
import { sumOf } from '../statistics/samples.ts'

/** Starting the process, the last estimates, and drawing the report. */
const aroundMs = 3000

/**
 * Whether there is time for another restart, by how long those so far took. It never looks at a figure, so what is measured
 * until then is as good as a run that was planned that short.
 */
export class TimeLimit {
  readonly #plan: Plan
  readonly #startedMs: number
  readonly #nowMs: () => number
  readonly #predicted: readonly number[]
  readonly #firstRestart: number
  /** When the first restart of this part had ended: before it lies what is started once. */
  #first: { readonly begun: number; readonly ms: number } | undefined

  /**
   * @param firstRestart that this part of a run begins with
   * @param nowMs monotonic clock, milliseconds; time runs from now on
   */
  constructor(plan: Plan, firstRestart: number, nowMs: () => number) {
    this.#plan = plan
    this.#firstRestart = firstRestart
    this.#nowMs = nowMs
    this.#startedMs = nowMs()
    this.#predicted = predictRestarts(plan)
  }

  /** @param begun restarts of all parts so far; called once after each */
  isTooLateForAnother(begun: number): boolean {
    const now = this.#nowMs()
    const { maxTimeMs } = this.#plan
    const first = this.#first
    this.#first ??= { begun, ms: now }
    if (maxTimeMs === undefined || begun >= this.#plan.restarts) return false
    const [since, tookMs] =
      first === undefined ? [this.#firstRestart, now - this.#startedMs] : [first.begun, now - first.ms]
    // Sign-ins are measured in the first restarts only.
    const nextMs = (tookMs * (this.#predicted[begun] ?? 0)) / sumOf(this.#predicted.slice(since, begun))
    return now - this.#startedMs + nextMs + aroundMs > maxTimeMs
  }
}
