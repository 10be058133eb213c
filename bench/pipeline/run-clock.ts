import { type IsActive, roundsOf } from '../plan/order.ts'
import type { Plan } from '../plan/plan.ts'
import { checkedKey } from '../plan/planned-variant.ts'
import { predictRestarts } from '../plan/predict.ts'
import { sumOf } from '../statistics/samples.ts'

/**
 * How far a run has come and how long it will still take: as predicted first; from the first restart on, as much slower or
 * quicker as its restarts were. Restarts differ (sign-ins are measured in some only), so they are not counted as alike.
 */
export class RunClock {
  readonly #plan: Plan
  readonly #leftOut: ReadonlySet<string>
  readonly #first: number
  #slicesPlanned: number
  readonly #nowMs: () => number
  readonly #startedMs: number
  #predictedMs: readonly number[]
  #slicesDone = 0
  #restartsDone = 0
  #restartsEndedMs: number

  /**
   * @param first the first restart that is to be measured, where a run goes on
   * @param nowMs monotonic clock, milliseconds
   */
  constructor(plan: Plan, leftOut: ReadonlySet<string>, first = 0, nowMs: () => number = () => performance.now()) {
    this.#plan = plan
    this.#leftOut = leftOut
    this.#first = first
    this.#nowMs = nowMs
    this.#startedMs = this.#restartsEndedMs = nowMs()
    this.#slicesPlanned = this.#slicesToCome()
    this.#predictedMs = this.#toComeMs()
  }

  /** Some variants get no further rounds: the restarts to come are shorter. Called between restarts. */
  narrow(isActive: IsActive): void {
    this.#slicesPlanned = this.#slicesDone + this.#slicesToCome(isActive)
    this.#predictedMs = [...this.#predictedMs.slice(0, this.#restartsDone), ...this.#toComeMs(isActive)]
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

  #toComeMs(isActive?: IsActive): readonly number[] {
    return predictRestarts(this.#plan, isActive)
      .slice(this.#first + this.#restartsDone)
      .map((seconds) => seconds * 1000)
  }

  #slicesToCome(isActive?: IsActive): number {
    const { restarts, productionFlags } = this.#plan
    const restartsToCome = restarts - this.#first - this.#restartsDone
    return restartsToCome * (productionFlags ? 2 : 1) * slicesPerRestart(this.#plan, this.#leftOut, isActive)
  }

  state(): { readonly slicesDone: number; readonly slicesPlanned: number; readonly secondsLeft: number } {
    const now = this.#nowMs()
    const predictedSoFarMs = sumOf(this.#predictedMs.slice(0, this.#restartsDone))
    const slowness = predictedSoFarMs === 0 ? 1 : (this.#restartsEndedMs - this.#startedMs) / predictedSoFarMs
    const endOf = (restarts?: number): number =>
      this.#restartsEndedMs + slowness * sumOf(this.#predictedMs.slice(this.#restartsDone, restarts))
    return {
      slicesDone: this.#slicesDone,
      slicesPlanned: this.#slicesPlanned,
      secondsLeft: Math.max(0, (Math.min(endOf(), this.#latestMs(endOf)) - now) / 1000),
    }
  }

  /** When the plan's limit in time ends the run, at the latest. */
  #latestMs(endOf: (restarts: number) => number): number {
    const { maxTimeMs, leastRestarts } = this.#plan
    if (maxTimeMs === undefined) return Number.POSITIVE_INFINITY
    return Math.max(this.#startedMs + maxTimeMs, endOf(Math.max(this.#restartsDone, leastRestarts - this.#first)))
  }
}

/** Blocks of a large set repeat control and twin, so slices are counted by round. */
function slicesPerRestart(plan: Plan, leftOut: ReadonlySet<string>, isActive: IsActive | undefined): number {
  const rounds = plan.sets.flatMap((_, set) => roundsOf(plan, set, 0, isActive))
  return rounds.reduce((sum, { order }) => sum + order.filter((planned) => !leftOut.has(checkedKey(planned))).length, 0)
}
