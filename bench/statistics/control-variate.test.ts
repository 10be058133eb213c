import fc from 'fast-check'
import { expect, test } from 'vitest'
import { controlVariate } from './control-variate.ts'

test('the common slope of groups with levels of their own, as a regression on levels and x has it', () => {
  // x <- c(1,2,3,1,2,4); y <- c(10,12.5,13.5,31,33,38); g <- factor(c(1,1,1,2,2,2))
  // coef(lm(y ~ g + x))['x'], checked with numpy.linalg.lstsq; summary() of the residuals within groups for the share
  const group = (x: number[], y: number[]) => x.map((one, index) => ({ x: one, y: y[index] ?? Number.NaN }))
  const found = controlVariate([group([1, 2, 3], [10, 12.5, 13.5]), group([1, 2, 4], [31, 33, 38])], 2)
  expect(found?.slope).toBeCloseTo(2.175, 12)
  expect(found?.explained).toBeCloseTo(0.9703846153846153, 12)
  // summary(lm(y ~ g + x))$coefficients['x', 'Std. Error'], by (X'X)^-1 with numpy
  expect(found?.standardError).toBeCloseTo(0.2193741096848031, 12)
  expect(found?.points).toBe(6)
})

test('levels of groups do not matter, whatever they are', () => {
  const real = fc.integer({ min: -1000, max: 1000 })
  const points = fc.array(fc.record({ x: real, y: real }), { minLength: 3, maxLength: 8 })
  fc.assert(
    fc.property(
      fc.array(points, { minLength: 1, maxLength: 4 }),
      fc.array(real, { minLength: 4 }),
      (groups, levels) => {
        const moved = groups.map((group, index) => group.map(({ x, y }) => ({ x, y: y + (levels[index] ?? 0) })))
        const [a, b] = [controlVariate(groups, 1), controlVariate(moved, 1)]
        if (a === undefined || b === undefined) return
        expect(b.slope).toBeCloseTo(a.slope, 3)
      },
    ),
  )
})

test('too few points, or none that differ, give no slope', () => {
  expect(
    controlVariate(
      [
        [
          { x: 1, y: 2 },
          { x: 2, y: 3 },
        ],
      ],
      2,
    ),
  ).toBeUndefined()
  expect(
    controlVariate(
      [
        [
          { x: 1, y: 2 },
          { x: 1, y: 3 },
        ],
      ],
      1,
    ),
  ).toBeUndefined()
  expect(controlVariate([], 0)).toBeUndefined()
})
