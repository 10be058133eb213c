import { roundsOf } from '../plan/order.ts'
import type { Plan } from '../plan/plan.ts'
import { checkedKey } from '../plan/planned-variant.ts'
import { predictSeconds } from '../plan/predict.ts'

/** How far a run has come and how long it will still take: predicted first, from its own restarts later. */
export class RunClock {
  readonly #plan: Plan
  #slicesPlanned: number
  readonly #nowMs: () => number
  readonly #startedMs: number
  readonly #predictedMs: number
  #slicesDone = 0
  #restartsDone = 0
  #restartsEndedMs: number

  /** @param nowMs monotonic clock, milliseconds */
  constructor(plan: Plan, leftOut: ReadonlySet<string>, nowMs: () => number = () => performance.now()) {
    this.#plan = plan
    this.#nowMs = nowMs
    this.#startedMs = this.#restartsEndedMs = nowMs()
    const groups = plan.productionFlags ? 2 : 1
    this.#slicesPlanned = plan.restarts * groups * slicesPerRestart(plan, leftOut)
    this.#predictedMs = predictSeconds(plan) * 1000
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
    const perRestartMs =
      this.#restartsDone === 0
        ? this.#predictedMs / this.#plan.restarts
        : (this.#restartsEndedMs - this.#startedMs) / this.#restartsDone
    const endMs = this.#restartsEndedMs + perRestartMs * (this.#plan.restarts - this.#restartsDone)
    return {
      slicesDone: this.#slicesDone,
      slicesPlanned: this.#slicesPlanned,
      secondsLeft: Math.max(0, (endMs - now) / 1000),
    }
  }
}

/** Blocks of a large set repeat control and twin, so slices are counted by round. */
function slicesPerRestart(plan: Plan, leftOut: ReadonlySet<string>): number {
  const rounds = plan.sets.flatMap((_, set) => roundsOf(plan, set, 0))
  return rounds.reduce((sum, { order }) => sum + order.filter((planned) => !leftOut.has(checkedKey(planned))).length, 0)
}
