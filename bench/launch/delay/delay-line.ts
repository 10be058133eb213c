import { Overshoot } from './overshoot.ts'

/** What a delay line stands on: the proxy's own clock and sleeper, or those of a test. */
export interface DelayLineTime {
  /** Monotonic, microseconds. */
  nowUs(): number
  /** Leads to one call of `wake()` at that time or later. Never asked again before that call. */
  sleepUntil(untilUs: number): void
}

/**
 * How early an action may run, microseconds. The median of the overshoot is subtracted from a sleep, so half of them end
 * too early; sleeping again for less than this would overshoot by more than is missing.
 */
const earlyUs = 20

/**
 * Runs actions a delay after they were pushed, in the order in which they were pushed. All have the same delay, so the
 * order of arrival is the order in which they are due: a queue, and a sleep that never has to be cut short.
 */
export class DelayLine {
  readonly #time: DelayLineTime
  readonly #overshoot = new Overshoot()
  #queue: { readonly dueUs: number; run(): void }[] = []
  /** Index of the first that has not run; the array is cut when it is empty or long. */
  #head = 0
  #delayUs: number
  /** When the sleep under way should end; undefined: none is. */
  #wakeUs: number | undefined
  #sleptAtAll = false
  #running = false

  constructor(delayUs: number, time: DelayLineTime) {
    this.#delayUs = delayUs
    this.#time = time
  }

  /** How much too late sleeps end at the moment: median, microseconds. */
  get overshootUs(): number {
    return this.#overshoot.medianUs
  }

  /** Actions that wait. */
  get waiting(): number {
    return this.#queue.length - this.#head
  }

  /** For what is pushed from now on, which still runs after everything that waits already. */
  set delayUs(delayUs: number) {
    this.#delayUs = delayUs
  }

  push(run: () => void): void {
    const now = this.#time.nowUs()
    const last = this.#queue.at(-1)
    const dueUs = Math.max(now + this.#delayUs, last?.dueUs ?? 0)
    if (last === undefined && dueUs - now <= this.#earlyUs()) {
      run()
      return
    }
    this.#queue.push({ dueUs, run })
    if (this.#wakeUs === undefined && !this.#running) this.#sleep(now)
  }

  /** The sleep has ended. */
  wake(): void {
    const now = this.#time.nowUs()
    // A sleep of nothing only takes the way to the sleeper and back: it says nothing about sleeping.
    if (this.#wakeUs !== undefined && this.#sleptAtAll) this.#overshoot.record(now - this.#wakeUs)
    this.#wakeUs = undefined
    // What an action pushes is slept for below, once.
    this.#running = true
    this.#runDue(now)
    this.#running = false
    if (this.waiting > 0) this.#sleep(this.#time.nowUs())
  }

  #runDue(now: number): void {
    const until = now + this.#earlyUs()
    for (;;) {
      const first = this.#queue[this.#head]
      if (first === undefined || first.dueUs > until) break
      this.#head++
      first.run()
    }
    if (this.waiting === 0) {
      this.#queue = []
      this.#head = 0
    } else if (this.#head > 1024) {
      this.#queue = this.#queue.slice(this.#head)
      this.#head = 0
    }
  }

  #sleep(now: number): void {
    const first = this.#queue[this.#head]
    if (first === undefined) return
    // At least half of what is left is slept: without any sleep nothing would be learnt, and an overshoot of a moment in
    // which the machine was busy would make it poll from then on.
    const leftUs = Math.max(0, first.dueUs - now)
    const wakeUs = now + Math.max(leftUs / 2, leftUs - this.#overshoot.medianUs)
    this.#sleptAtAll = wakeUs > now
    this.#wakeUs = wakeUs
    this.#time.sleepUntil(wakeUs)
  }

  /** Never more than a tenth of the delay. */
  #earlyUs(): number {
    return Math.min(earlyUs, this.#delayUs / 10)
  }
}
