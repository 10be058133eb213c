import fc from 'fast-check'
import { expect, test } from 'vitest'
import { mean, median, quantile, standardDeviation } from './samples.ts'

const sample = [3.1, -0.4, 2.2, 5.9, 1.7, 1.1]

test('quantiles are of type 7', () => {
  // numpy.quantile([3.1, -0.4, 2.2, 5.9, 1.7, 1.1], [0, .1, .25, .5, .9, 1])
  const expected = [-0.4, 0.35, 1.25, 1.95, 4.5, 5.9]
  ;[0, 0.1, 0.25, 0.5, 0.9, 1].forEach((at, i) => {
    expect(quantile(sample, at)).toBeCloseTo(expected[i] ?? Number.NaN, 12)
  })
})

test('mean and standard deviation (n - 1) agree with NumPy', () => {
  // numpy.mean(x), numpy.std(x, ddof=1)
  expect(mean(sample)).toBeCloseTo(2.2666666666666666, 12)
  expect(standardDeviation(sample)).toBeCloseTo(2.130414670120976, 12)
})

test('a quantile of nothing is refused', () => {
  expect(() => median([])).toThrow(RangeError)
})

test('a quantile does not depend on order and lies within the sample', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (values, at) => {
        const result = quantile(values, at)
        expect(quantile([...values].reverse(), at)).toBe(result)
        expect(result).toBeGreaterThanOrEqual(Math.min(...values))
        expect(result).toBeLessThanOrEqual(Math.max(...values))
      },
    ),
  )
})
