/** Sleeps that are looked back on: enough for a steady median, few enough to follow a machine that becomes busy. */
const windowLength = 63

/** Sleeps between two looks at the median: sorting costs more than recording. */
const lookEvery = 8

/**
 * How much too late sleeps end: the running median of the last 63, microseconds. A sleep that is to end at a given time is
 * asked to end this much earlier.
 */
export class Overshoot {
  readonly #recent = new Float64Array(windowLength)
  #recorded = 0
  #medianUs = 0

  /** 0 until the first sleep was recorded. */
  get medianUs(): number {
    return this.#medianUs
  }

  /** @param lateUs end of a sleep minus the end it was asked for; negative values count as 0, no sleep ends early. */
  record(lateUs: number): void {
    this.#recent[this.#recorded % windowLength] = Math.max(0, lateUs)
    this.#recorded++
    if (this.#recorded > lookEvery && this.#recorded % lookEvery !== 0) return
    const sorted = this.#recent.slice(0, Math.min(this.#recorded, windowLength)).sort()
    this.#medianUs = sorted[(sorted.length - 1) >> 1] ?? 0
  }
}
