/**
 * Memory shared between a sleeper and its thread: a number that says whether to sleep, one that never changes (to wait on
 * until a time is over), and the time to sleep until.
 */
export interface SleeperMemory {
  readonly shared: SharedArrayBuffer
  /** [`stateIndex`] `idle` or `asleep`; [`neverIndex`] always 0. */
  readonly words: Int32Array
  /** [0]: monotonic microseconds. Written before the state becomes `asleep`, read after. */
  readonly untilUs: Float64Array
}

export const stateIndex = 0
export const neverIndex = 1
export const idle = 0
export const asleep = 1

/** Views of a given memory, or of a new one. */
export function sleeperMemory(shared: SharedArrayBuffer = new SharedArrayBuffer(16)): SleeperMemory {
  return { shared, words: new Int32Array(shared, 0, 2), untilUs: new Float64Array(shared, 8, 1) }
}
