import { expect, test } from 'vitest'
import { exceedsP } from './exceeding.ts'
import { holmAdjusted } from './holm.ts'
import type { EstimatedMean } from './independent.ts'
import { createRandom, type Random } from './random.ts'
import { mean, median, standardDeviation } from './samples.ts'

const meanOf = (values: readonly number[]): EstimatedMean => ({
  value: mean(values),
  standardError: standardDeviation(values) / Math.sqrt(values.length),
  degrees: values.length - 1,
})

test('the p is that of Welch, one-sided', () => {
  // The worked example of Welch's test with unequal variances, sample 1: t = -2.46, 25.0 degrees of freedom, two-sided
  // p = 0.021 (Wikipedia, "Welch's t-test", Example 1, with the R code beside it).
  const a = [27.5, 21.0, 19.0, 23.6, 17.0, 17.9, 16.9, 20.1, 21.9, 22.6, 23.1, 19.6, 19.0, 21.7, 21.4]
  const b = [27.1, 22.0, 20.8, 23.4, 23.4, 23.5, 25.8, 22.0, 24.8, 20.2, 21.9, 22.1, 22.9, 20.5, 24.4]
  expect(2 * exceedsP(meanOf(b), meanOf(a), 1)).toBeCloseTo(0.021, 3)
  expect(exceedsP(meanOf(a), meanOf(b), 1)).toBeCloseTo(1 - 0.0105, 3)
})

test('a figure without spread exceeds, or it does not', () => {
  const exact = (value: number): EstimatedMean => ({ value, standardError: 0, degrees: 9 })
  expect(exceedsP(exact(2), exact(1), 1.5)).toBe(0)
  expect(exceedsP(exact(1), exact(1), 1)).toBe(1)
})

/**
 * Costs over the control as shares of it, per restart the median of the rounds: two servers whose processes differ,
 * noise between slices, outliers, on a machine that is slower by `machine` as a whole (docs/method.md, Trap 3 and 4).
 */
function run(random: Random, costsUs: readonly number[], restarts: number, rounds: number, machine: number) {
  const perRestart = Array.from({ length: restarts }, () => {
    const level = (us: number): number => us + 0.27 * random.normal()
    const levels = [12, ...costsUs.map((cost) => 12 + cost)].map(level)
    const made = Array.from({ length: rounds }, () =>
      levels.map(
        (us) => machine * (us + 0.4 * random.normal() + (random.next() < 0.04 ? 5 + 95 * random.next() ** 2 : 0)),
      ),
    )
    return costsUs.map((_, i) =>
      median(made.map(([control = 1, ...variants]) => ((variants[i] ?? 0) - control) / control)),
    )
  })
  return costsUs.map((_, i) => meanOf(perRestart.map((costs) => costs[i] ?? 0)))
}

// A pipeline asks night after night: how often does it cry wolf? At the limit itself, where errors are most frequent,
// with machines that differ by up to 30 % as a whole, and without the noise band, which makes errors rarer still.
test.each([
  { restarts: 4, rounds: 3, limit: 0 },
  { restarts: 10, rounds: 4, limit: 0 },
  { restarts: 10, rounds: 4, limit: 0.05 },
])(
  'at $restarts restarts of $rounds rounds and a limit of $limit, at most 5 % of runs show a regression that is none',
  ({ restarts, rounds, limit }) => {
    const random = createRandom(20_260_102, `compare ${restarts} ${limit}`)
    const costs = [35, 24, 98, 117]
    const draws = 20_000
    let wrong = 0
    for (let draw = 0; draw < draws; draw++) {
      const before = run(random, costs, restarts, rounds, 1 + 0.3 * random.next())
      const after = run(
        random,
        costs.map((cost) => cost * (1 + limit)),
        restarts,
        rounds,
        1 + 0.3 * random.next(),
      )
      const ps = after.map((figure, i) => {
        const earlier = before[i]
        return earlier === undefined ? 1 : exceedsP(figure, earlier, 1 + limit)
      })
      if (holmAdjusted(ps).some((p) => p < 0.05)) wrong++
    }
    console.info(
      `compare ${restarts}x${rounds}, limit ${limit}: ${((100 * wrong) / draws).toFixed(1)} % show a regression`,
    )
    expect(wrong / draws).toBeLessThan(0.055)
  },
  60_000,
)
