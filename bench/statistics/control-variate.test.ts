import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type CoPoint, controlVariate, withPrior } from './control-variate.ts'
import { createRandom } from './random.ts'

/** Two groups of three, their points in clusters by letter. */
function example(clusters: string): CoPoint[][] {
  const group = (x: number[], y: number[], from: number) =>
    x.map((one, index) => ({ x: one, y: y[index] ?? Number.NaN, cluster: clusters[from + index] ?? '' }))
  return [group([1, 2, 3], [10, 12.5, 13.5], 0), group([1, 2, 4], [31, 33, 38], 3)]
}

test('the common slope of groups with levels of their own, as a regression on levels and x has it', () => {
  // x <- c(1,2,3,1,2,4); y <- c(10,12.5,13.5,31,33,38); g <- factor(c(1,1,1,2,2,2))
  // coef(lm(y ~ g + x))['x'], checked with numpy.linalg.lstsq; summary() of the residuals within groups for the share
  const found = controlVariate(example('aaaaaa'), 2)
  expect(found?.slope).toBeCloseTo(2.175, 12)
  expect(found?.explained).toBeCloseTo(0.9703846153846153, 12)
  // summary(lm(y ~ g + x))$coefficients['x', 'Std. Error'], by (X'X)^-1 with numpy
  expect(found?.standardError).toBeCloseTo(0.2193741096848031, 12)
  expect(found).toMatchObject({ points: 6, degreesOfFreedom: 3 })
})

test('the standard error is that of slopes without each cluster in turn', () => {
  // sqrt(2 / 3 * sum((b - mean(b))^2)) of the slopes of numpy.linalg.lstsq without a, b and c
  const found = controlVariate(example('abcabc'), 2)
  expect(found?.slope).toBeCloseTo(2.175, 12)
  expect(found?.standardError).toBeCloseTo(0.05552925084027443, 12)
  expect(found?.degreesOfFreedom).toBe(2)
})

test('a slope that one cluster alone speaks for is known no better for its many points', () => {
  const random = createRandom(1, 'clusters')
  // Seven restarts, one of them on a slow core, and each as a whole a little off what its speed says.
  const run = () =>
    Array.from({ length: 7 }, (_, restart) => {
      const off = 0.05 * random.normal()
      return Array.from({ length: 28 }, () => {
        const x = (restart === 3 ? 0.6 : 0.1) + 0.02 * random.normal()
        return { x, y: x + off + 0.02 * random.normal(), cluster: String(restart) }
      })
    }).flat()
  const runs = Array.from({ length: 400 }, run)
  const rootMeanSquare = (values: readonly number[]) => Math.hypot(...values) / Math.sqrt(values.length)
  const errorsOf = (points: readonly CoPoint[]) => controlVariate([points], 20)?.standardError ?? Number.NaN
  const scatter = rootMeanSquare(runs.map((points) => (controlVariate([points], 20)?.slope ?? Number.NaN) - 1))
  const between = rootMeanSquare(runs.map(errorsOf))
  const independent = rootMeanSquare(
    runs.map((points) => errorsOf(points.map((point) => ({ ...point, cluster: 'one' })))),
  )
  expect(between / scatter).toBeGreaterThan(0.8)
  expect(between / scatter).toBeLessThan(2.5)
  expect(independent / scatter).toBeLessThan(0.3)
})

test('where one cluster alone differs in x, the slope is as good as unknown', () => {
  const point = (cluster: string) => (x: number, index: number) => ({ x, y: 2 * x + 0.1 * (index % 3), cluster })
  const found = controlVariate([[...[1, 1, 1].map(point('a')), ...[0, 1, 2, 1].map(point('b'))]], 2)
  expect(found?.standardError).toBeGreaterThan(0.4 * (found?.slope ?? Number.NaN))
})

test('what is known beforehand counts where data say little, and not where they say much', () => {
  const prior = { mean: 0.8, standardDeviation: 0.3 }
  const of = (slope: number, standardError: number, degreesOfFreedom = 1e6) =>
    withPrior({ slope, standardError, degreesOfFreedom }, prior)
  // As well known as beforehand: half way, with an interval narrower by the square root of two.
  expect(of(0.2, 0.3).slope).toBeCloseTo(0.5, 5)
  expect(of(0.2, 0.3).halfWidth).toBeCloseTo((1.959964 * 0.3) / Math.SQRT2, 5)
  expect(of(0.2, 0.01).slope).toBeCloseTo(0.2, 2)
  expect(of(0.2, 30).slope).toBeCloseTo(0.8, 3)
  // Few clusters say less.
  expect(of(0.2, 0.3, 3).slope).toBeGreaterThan(0.6)
  expect(of(0.2, 0)).toEqual({ slope: 0.2, halfWidth: 0 })
})

test('levels of groups do not matter, whatever they are', () => {
  const real = fc.integer({ min: -1000, max: 1000 })
  const points = fc.array(fc.record({ x: real, y: real, cluster: fc.constantFrom('a', 'b') }), {
    minLength: 3,
    maxLength: 8,
  })
  fc.assert(
    fc.property(
      fc.array(points, { minLength: 1, maxLength: 4 }),
      fc.array(real, { minLength: 4 }),
      (groups, levels) => {
        const moved = groups.map((group, index) =>
          group.map((point) => ({ ...point, y: point.y + (levels[index] ?? 0) })),
        )
        const [a, b] = [controlVariate(groups, 1), controlVariate(moved, 1)]
        if (a === undefined || b === undefined) return
        expect(b.slope).toBeCloseTo(a.slope, 3)
      },
    ),
  )
})

test('too few points, or none that differ, give no slope', () => {
  const points = (...xs: number[]): CoPoint[] => xs.map((x, index) => ({ x, y: 2 + index, cluster: 'a' }))
  expect(controlVariate([points(1, 2)], 2)).toBeUndefined()
  expect(controlVariate([points(1, 1)], 1)).toBeUndefined()
  expect(controlVariate([], 0)).toBeUndefined()
})
