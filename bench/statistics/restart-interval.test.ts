import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Absent } from '../record/slice.ts'
import { type Interval, restartInterval, restartRatioInterval } from './restart-interval.ts'

const present = (interval: Interval | Absent): Interval => {
  if ('absent' in interval) throw new Error(interval.absent)
  return interval
}

const recorded = [[1.0, 1.4, 0.8, 9.0], [2.1, 1.9, 2.0], [0.4, 0.6], [1.5, 1.2, 1.1, 1.3], [7.0]]

test('medians per restart, Student t over restarts, as SciPy has it', () => {
  // m = [numpy.median(r) for r in restarts[:4]]; r = scipy.stats.ttest_1samp(m, 0); r.pvalue, r.confidence_interval(.95)
  const interval = present(restartInterval(recorded))
  expect(interval.value).toBeCloseTo(1.2375, 12)
  expect(interval.low).toBeCloseTo(0.2622671226754377, 10)
  expect(interval.high).toBeCloseTo(2.2127328773245623, 10)
  expect(interval.p).toBeCloseTo(0.027317819405606052, 10)
  expect(interval).toMatchObject({ restarts: 4, rounds: 13, dropped: 1, confidence: 0.95 })
})

test('another confidence gives another interval', () => {
  // r.confidence_interval(.9)
  expect(present(restartInterval(recorded, { confidence: 0.9 })).low).toBeCloseTo(0.5163323277908071, 10)
})

test('ratios are estimated on logarithms', () => {
  // l = [numpy.median(numpy.log(r)) for r in restarts[:4]]; the same test, numpy.exp of its results
  const interval = present(restartRatioInterval(recorded))
  expect(interval.value).toBeCloseTo(1.0969592215679869, 10)
  expect(interval.low).toBeCloseTo(0.43117873, 7)
  expect(interval.high).toBeCloseTo(2.79076737, 7)
  expect(interval.p).toBeCloseTo(0.7731267480779305, 10)
})

test('a restart with one valid round counts only where one was planned', () => {
  expect(present(restartInterval(recorded, { leastRounds: 1 })).restarts).toBe(5)
})

test('two restarts give no interval but a reason', () => {
  expect(restartInterval([[1, 2], [3, 4], [5]])).toEqual({
    absent: '2 of at least 3 restarts can be used; 1 had too few valid rounds',
  })
})

test('values without spread are certain', () => {
  expect(
    present(
      restartInterval([
        [1, 1],
        [1, 1],
        [1, 1],
      ]),
    ),
  ).toMatchObject({ value: 1, low: 1, high: 1, p: 0 })
  expect(
    present(
      restartInterval([
        [0, 0],
        [0, 0],
        [0, 0],
      ]),
    ),
  ).toMatchObject({ value: 0, p: 1 })
})

const restartsOfValues = fc.array(fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 2, maxLength: 6 }), {
  minLength: 3,
  maxLength: 12,
})

test('the interval contains its point', () => {
  fc.assert(
    fc.property(restartsOfValues, (restarts) => {
      const { low, value, high } = present(restartInterval(restarts))
      expect(low).toBeLessThanOrEqual(value)
      expect(high).toBeGreaterThanOrEqual(value)
    }),
  )
})

test('shifting the data shifts the result, scaling scales it', () => {
  fc.assert(
    fc.property(
      restartsOfValues,
      fc.integer({ min: -50, max: 50 }),
      fc.integer({ min: 1, max: 20 }),
      (restarts, by, factor) => {
        const before = present(restartInterval(restarts))
        const after = present(restartInterval(restarts.map((rounds) => rounds.map((value) => factor * value + by))))
        expect(after.value).toBeCloseTo(factor * before.value + by, 6)
        expect(after.low).toBeCloseTo(factor * before.low + by, 6)
        expect(after.high).toBeCloseTo(factor * before.high + by, 6)
      },
    ),
  )
})

test('the order of rounds and of restarts does not matter', () => {
  fc.assert(
    fc.property(restartsOfValues, (restarts) => {
      const before = present(restartInterval(restarts))
      const after = present(restartInterval(restarts.map((rounds) => [...rounds].reverse()).reverse()))
      expect(after.value).toBeCloseTo(before.value, 9)
      expect(after.high).toBeCloseTo(before.high, 9)
    }),
  )
})

test('swapping the sides of a ratio inverts it', () => {
  const ratios = recorded.map((rounds) => rounds.map((ratio) => 1 / ratio))
  const there = present(restartRatioInterval(recorded))
  const back = present(restartRatioInterval(ratios))
  expect(back.value).toBeCloseTo(1 / there.value, 10)
  expect(back.low).toBeCloseTo(1 / there.high, 10)
})
