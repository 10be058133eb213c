import { expect, test } from 'vitest'
import { studentCdf, studentQuantile, studentTwoSidedP } from './student-t.ts'

test.each([
  // scipy.stats.t.ppf(probability, degrees), SciPy 1.17.1
  [0.975, 1, 12.706204736174694],
  [0.975, 2, 4.302652729749462],
  [0.975, 3, 3.1824463052837078],
  [0.975, 7, 2.364624251592784],
  [0.975, 9, 2.262157162798205],
  [0.995, 4, 4.604094871349992],
  [0.9, 30, 1.3104150253913955],
  [0.6, 2.5, 0.2814595127485477],
])('the quantile at %d with %d degrees of freedom is SciPy’s', (probability, degrees, expected) => {
  expect(studentQuantile(probability, degrees)).toBeCloseTo(expected, 10)
  expect(studentQuantile(1 - probability, degrees)).toBeCloseTo(-expected, 10)
})

test.each([
  // scipy.stats.t.cdf(t, degrees)
  [0.5, 3, 0.6742760175759245],
  [-2, 9, 0.038276411885350504],
  [12, 4, 0.9998617857257485],
  [0.01, 100, 0.5039793948827858],
])('the distribution function at %d with %d degrees of freedom is SciPy’s', (t, degrees, expected) => {
  expect(studentCdf(t, degrees)).toBeCloseTo(expected, 12)
})

test('tails far out keep their relative accuracy', () => {
  // scipy.stats.t.cdf(-40, 9)
  expect(studentTwoSidedP(40, 9) / 2 / 9.491499224669911e-12).toBeCloseTo(1, 9)
})

test('with very many degrees of freedom the quantile is the normal one', () => {
  // scipy.stats.norm.ppf(0.975)
  expect(studentQuantile(0.975, 1e6)).toBeCloseTo(1.959963984540054, 5)
})
