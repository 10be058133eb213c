import { mean, standardDeviation } from './samples.ts'
import { studentQuantile } from './student-t.ts'

/** Several contenders by their cost, compared restart by restart. */
export interface CostContest {
  readonly contenders: number
  /** Cost of `a` minus that of `b`, one value a restart in which both can be compared. */
  differences(a: number, b: number): readonly number[]
  /** A smaller difference is not claimed, whatever its interval says: what a server shows against its twin. */
  readonly leastDifference: number
}

/** With fewer restarts nothing is said. */
const leastRestarts = 3

/**
 * Which contenders may be the cheapest: those that are not shown to be dearer than any other. The cheapest is left out
 * with a chance of at most `error`: it would have to be shown dearer than one of the others, each of which is tested
 * one-sided at `error` / (contenders - 1) (Gupta 1965, subset selection; Bonferroni). So where a single one is left, it
 * is the cheapest with that confidence, and few restarts leave many.
 *
 * @param error chance, 0..1
 * @returns indices, ascending; never empty
 */
export function notShownDearer(contest: CostContest, error = 0.05): readonly number[] {
  const all = Array.from({ length: contest.contenders }, (_, index) => index)
  const level = error / Math.max(1, contest.contenders - 1)
  return all.filter((a) => !all.some((b) => a !== b && isDearer(contest, a, b, level)))
}

function isDearer({ differences, leastDifference }: CostContest, a: number, b: number, level: number): boolean {
  const values = differences(a, b)
  if (values.length < leastRestarts) return false
  const value = mean(values)
  const standardError = standardDeviation(values) / Math.sqrt(values.length)
  return value > leastDifference && value - studentQuantile(1 - level, values.length - 1) * standardError > 0
}
