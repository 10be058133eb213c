import { type EstimatedMean, welchDegrees } from './independent.ts'
import { studentTwoSidedP } from './student-t.ts'

/**
 * One-sided p of "`after` is at most `factor` times `before`", both means of independent runs: Welch's t test
 * (B. L. Welch, Biometrika 34, 1947) on after - factor x before. Small: it exceeds that. As in Fieller's theorem the
 * test asks for no division, so it holds where `before` itself cannot be told from 0.
 *
 * @param factor 1: at most as large; 1.05: at most 5 % larger.
 * @returns 0..1
 */
export function exceedsP(after: EstimatedMean, before: EstimatedMean, factor: number): number {
  const value = after.value - factor * before.value
  const first = { variance: after.standardError ** 2, degrees: after.degrees }
  const second = { variance: (factor * before.standardError) ** 2, degrees: before.degrees }
  const standardError = Math.sqrt(first.variance + second.variance)
  // Without any spread (a count of queries) the answer is certain.
  if (standardError === 0) return value > 0 ? 0 : 1
  const tail = studentTwoSidedP(value / standardError, welchDegrees(first, second)) / 2
  return value > 0 ? tail : 1 - tail
}
