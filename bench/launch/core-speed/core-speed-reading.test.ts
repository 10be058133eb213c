import { expect, test } from 'vitest'
import { readingOf } from './core-speed-reading.ts'

test('a slice has the mean of the cheapest four fifths: what a timer tick made of a sample does not count', () => {
  const workUs = [40, 41, 42, 43, 44, 45, 46, 47, 900, 3000]
  expect(readingOf({ workUs, cpuUs: 5000 })).toEqual({
    workUs: 43.5,
    fastestWorkUs: 40.9,
    samples: 10,
    probeCpuUs: 5000,
  })
})

test('a handful of samples says nothing', () => {
  expect(readingOf({ workUs: [40, 40, 40], cpuUs: 200 })).toEqual({
    absent: "only 3 samples of the cores' speed",
  })
})
