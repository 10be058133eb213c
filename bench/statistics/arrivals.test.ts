import { expect, test } from 'vitest'
import { arrivalTimesNs } from './arrivals.ts'
import { mean, standardDeviation } from './samples.ts'

const plan = { requestsPerSecond: 2000, durationMs: 10_000, seed: 1 } as const

const gaps = (due: Float64Array): number[] => [...due].slice(1).map((at, i) => at - (due[i] ?? 0))

test('Poisson arrivals have exponential gaps: mean and standard deviation are alike', () => {
  const due = arrivalTimesNs({ ...plan, arrivals: 'poisson' })
  // 20,000 expected, standard deviation 141: five of them.
  expect(Math.abs(due.length - 20_000)).toBeLessThan(705)
  expect(mean(gaps(due)) / 500_000).toBeCloseTo(1, 1)
  expect(standardDeviation(gaps(due)) / 500_000).toBeCloseTo(1, 1)
  expect(gaps(due).every((gap) => gap >= 0)).toBe(true)
  expect(due.at(-1)).toBeLessThan(10e9)
})

test('uniform arrivals are evenly paced', () => {
  const due = arrivalTimesNs({ ...plan, arrivals: 'uniform' })
  expect(due.length).toBe(20_000)
  expect(standardDeviation(gaps(due))).toBeLessThan(1)
})

test('seed and stream fix the arrivals', () => {
  const draw = (seed: number, stream: string) => arrivalTimesNs({ ...plan, arrivals: 'poisson', seed, stream })
  expect(draw(1, 'a')).toEqual(draw(1, 'a'))
  expect(draw(1, 'a')[0]).not.toBe(draw(1, 'b')[0])
  expect(draw(1, 'a')[0]).not.toBe(draw(2, 'a')[0])
})
