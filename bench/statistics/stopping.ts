import type { Precision } from './precision.ts'
import { studentQuantile } from './student-t.ts'

/** One figure the rule looks at. */
export interface PrecisionFigure {
  readonly name: string
  readonly value: number
  readonly halfWidth: number
  /** Standard deviation between restarts. */
  readonly restartSd: number
}

export interface StoppingState {
  /** Restarts completed. */
  readonly restarts: number
  readonly figures: readonly PrecisionFigure[]
  readonly precision: Precision
}

export type StoppingDecision =
  | { readonly action: 'stop' }
  | {
      readonly action: 'continue'
      /** Figures still too wide; empty where it is only too early to look. */
      readonly tooWide: readonly string[]
      /** Restarts in all that the widest figure would take, as far as can be told; absent where it cannot. */
      readonly restartsNeeded?: number
    }

/**
 * Looking after each restart from the third on covers only 90 to 93 %, because chance makes early intervals narrow;
 * from the eighth on 93 to 95 % (docs/method.md; checked in coverage.test.ts).
 */
export const leastRestartsBeforeStopping = 8

/** The half-width that a figure of this value is to have. */
export const targetOf = (precision: Precision, value: number): number =>
  precision.kind === 'absolute' ? precision.halfWidth : Math.abs(value) * precision.share

/**
 * The rule `sequential-8`: not before 8 restarts, then after each one, stop when every figure is narrow enough.
 */
export function decideSequentially(state: StoppingState): StoppingDecision {
  const wide = state.figures.filter((figure) => !(figure.halfWidth <= targetOf(state.precision, figure.value)))
  const needed = wide.map((figure) => restartsNeeded(figure.restartSd, targetOf(state.precision, figure.value)))
  if (state.restarts < leastRestartsBeforeStopping) {
    return state.restarts < 3
      ? { action: 'continue', tooWide: [] }
      : { action: 'continue', tooWide: [], restartsNeeded: largest([leastRestartsBeforeStopping, ...needed]) }
  }
  if (wide.length === 0) return { action: 'stop' }
  return {
    action: 'continue',
    tooWide: wide.map(({ name }) => name),
    restartsNeeded: Math.max(state.restarts + 1, largest(needed)),
  }
}

/**
 * How many restarts bring the half-width to the target, if the spread between restarts stays as it is.
 *
 * @returns at least 3; Infinity where the target is 0 and the spread is not.
 */
export function restartsNeeded(restartSd: number, halfWidth: number, confidence = 0.95): number {
  if (restartSd === 0) return 3
  if (!(halfWidth > 0)) return Number.POSITIVE_INFINITY
  const normal = studentQuantile((1 + confidence) / 2, 1e6)
  // Starts at what a known spread would need, which is a lower bound, and walks up.
  for (let n = Math.max(3, Math.floor(((normal * restartSd) / halfWidth) ** 2)); n < 1e6; n++) {
    if ((studentQuantile((1 + confidence) / 2, n - 1) * restartSd) / Math.sqrt(n) <= halfWidth) return n
  }
  return Math.ceil(((normal * restartSd) / halfWidth) ** 2)
}

// A loop, not Math.max of a spread: NaN (0/0, a figure that cannot vary) must not win.
const largest = (values: readonly number[]): number => values.reduce((a, b) => (b > a ? b : a), 0)
