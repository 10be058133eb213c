import { roundsOf } from '../plan/order.ts'
import type { Plan } from '../plan/plan.ts'
import { checkedKey } from '../plan/planned-variant.ts'
import { predictRestarts } from '../plan/predict.ts'

/**
 * How far a run has come and how long it will still take: as predicted first; from the first restart on, as much slower or
 * quicker as its restarts were. Restarts differ (sign-ins are measured in some only), so they are not counted as alike.
 */
export class RunClock {
  #slicesPlanned: number
  readonly #nowMs: () => number
  readonly #startedMs: number
  readonly #predictedMs: readonly number[]
  #slicesDone = 0
  #restartsDone = 0
  #restartsEndedMs: number

  /**
   * @param first the first restart that is to be measured, where a run goes on
   * @param nowMs monotonic clock, milliseconds
   */
  constructor(plan: Plan, leftOut: ReadonlySet<string>, first = 0, nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs
    this.#startedMs = this.#restartsEndedMs = nowMs()
    const groups = plan.productionFlags ? 2 : 1
    this.#slicesPlanned = (plan.restarts - first) * groups * slicesPerRestart(plan, leftOut)
    this.#predictedMs = predictRestarts(plan)
      .slice(first)
      .map((seconds) => seconds * 1000)
  }

  /** More slices than planned are to be measured. */
  add(slices: number): void {
    this.#slicesPlanned += slices
  }

  sliceDone(): void {
    this.#slicesDone++
  }

  restartDone(): void {
    this.#restartsDone++
    this.#restartsEndedMs = this.#nowMs()
  }

  state(): { readonly slicesDone: number; readonly slicesPlanned: number; readonly secondsLeft: number } {
    const now = this.#nowMs()
    const predictedSoFarMs = sumOf(this.#predictedMs.slice(0, this.#restartsDone))
    const slowness = predictedSoFarMs === 0 ? 1 : (this.#restartsEndedMs - this.#startedMs) / predictedSoFarMs
    const endMs = this.#restartsEndedMs + slowness * sumOf(this.#predictedMs.slice(this.#restartsDone))
    return {
      slicesDone: this.#slicesDone,
      slicesPlanned: this.#slicesPlanned,
      secondsLeft: Math.max(0, (endMs - now) / 1000),
    }
  }
}

const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0)

/** Blocks of a large set repeat control and twin, so slices are counted by round. */
function slicesPerRestart(plan: Plan, leftOut: ReadonlySet<string>): number {
  const rounds = plan.sets.flatMap((_, set) => roundsOf(plan, set, 0))
  return rounds.reduce((sum, { order }) => sum + order.filter((planned) => !leftOut.has(checkedKey(planned))).length, 0)
}
