import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { differenceOfMeans, meanOfInterval, ratioOfMeans } from './independent.ts'
import { intervalOfRestarts } from './restart-interval.ts'
import { mean, standardDeviation } from './samples.ts'
import { studentQuantile } from './student-t.ts'

// R's data set "sleep": `t.test(extra ~ group, data = sleep)`.
const first = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
const second = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]

const meanOf = (values: readonly number[]) => ({
  value: mean(values),
  standardError: standardDeviation(values) / Math.sqrt(values.length),
  degrees: values.length - 1,
})

describe('differenceOfMeans', () => {
  it("gives Welch's interval as R's t.test does", () => {
    const difference = differenceOfMeans(meanOf(first), meanOf(second))
    expect(difference.value).toBeCloseTo(-1.58, 10)
    expect(difference.low).toBeCloseTo(-3.3654832, 6)
    expect(difference.high).toBeCloseTo(0.2054832, 6)
  })

  it('takes two means without any spread as certain', () => {
    const certain = (value: number) => ({ value, standardError: 0, degrees: 3 })
    expect(differenceOfMeans(certain(5), certain(3))).toEqual({ value: 2, low: 2, high: 2 })
  })
})

describe('meanOfInterval', () => {
  it('finds the mean and the standard error behind an interval over restarts', () => {
    const interval = intervalOfRestarts(first, { rounds: 10, dropped: 0 })
    if ('absent' in interval) throw new Error(interval.absent)
    const found = meanOfInterval(interval)
    expect(found.value).toBeCloseTo(meanOf(first).value, 12)
    expect(found.standardError).toBeCloseTo(meanOf(first).standardError, 9)
    expect(found.degrees).toBe(9)
  })
})

describe('ratioOfMeans', () => {
  const positive = fc.record({
    value: fc.double({ min: 1, max: 100, noNaN: true }),
    relative: fc.double({ min: 0.001, max: 0.1, noNaN: true }),
  })
  const estimated = ({ value, relative }: { readonly value: number; readonly relative: number }) => ({
    value,
    standardError: value * relative,
    degrees: 7,
  })

  it("has as bounds the ratios at which the difference just cannot be told from 0: Fieller's theorem", () => {
    fc.assert(
      fc.property(positive, positive, (one, other) => {
        const [a, b] = [estimated(one), estimated(other)]
        const ratio = ratioOfMeans(a, b)
        if ('absent' in ratio) throw new Error(ratio.absent)
        expect(ratio.value).toBeGreaterThan(ratio.low)
        expect(ratio.value).toBeLessThan(ratio.high)
        // With equal degrees Welch's lie between 7 and 14: found again from the point, as the function does.
        const [va, vb] = [a.standardError ** 2, (ratio.value * b.standardError) ** 2]
        const degrees = (va + vb) ** 2 / (va ** 2 / 7 + vb ** 2 / 7)
        const t = studentQuantile(0.975, degrees)
        for (const r of [ratio.low, ratio.high]) {
          const away = Math.abs(a.value - r * b.value) / Math.sqrt(va + (r * b.standardError) ** 2)
          expect(away).toBeCloseTo(t, 6)
        }
      }),
    )
  })

  it('does not change with the unit', () => {
    const a = { value: 27, standardError: 1, degrees: 3 }
    const b = { value: 35, standardError: 2, degrees: 3 }
    const times = (of: typeof a, factor: number) => ({
      ...of,
      value: of.value * factor,
      standardError: of.standardError * factor,
    })
    const one = ratioOfMeans(a, b)
    const other = ratioOfMeans(times(a, 1000), times(b, 1000))
    if ('absent' in one || 'absent' in other) throw new Error('no ratio')
    expect(other.low).toBeCloseTo(one.low, 10)
    expect(other.high).toBeCloseTo(one.high, 10)
  })

  it('is absent where what it is divided by may be 0', () => {
    const a = { value: 4.5, standardError: 0.1, degrees: 3 }
    expect(ratioOfMeans(a, { value: 3.8, standardError: 1.9, degrees: 3 })).toHaveProperty('absent')
    expect(ratioOfMeans(a, { value: 0, standardError: 0, degrees: 3 })).toHaveProperty('absent')
  })
})
