import { expect, test } from 'vitest'
import { addedDelay, forwardingUs } from './added-delay.ts'

const times = (count: number, of: (i: number) => number): number[] => Array.from({ length: count }, (_, i) => of(i))
/** 100 direct round trips of 60 us. */
const directUs = times(100, () => 60)

test('what is added is the difference to the direct round trip', () => {
  const otherUs = times(100, (i) => (i < 98 ? 1060 : 3060))
  expect(addedDelay({ directUs, otherUs })).toEqual({ p50: 1000, p99: 3000, samples: 100 })
})

test('the way through the proxy is what it takes beyond the delay', () => {
  expect(forwardingUs({ directUs, otherUs: times(100, () => 1160) }, 1000)).toBe(100)
})

test('a machine that is busy now and then takes nothing off the delay', () => {
  const otherUs = times(100, (i) => (i % 2 === 0 ? 1160 : 9000))
  expect(forwardingUs({ directUs, otherUs }, 1000)).toBe(100)
})

test('a machine that is busy all the time takes at most 300 us off the delay, and no more than the delay', () => {
  expect(forwardingUs({ directUs, otherUs: times(100, () => 5000) }, 1000)).toBe(300)
  expect(forwardingUs({ directUs, otherUs: times(100, () => 500) }, 100)).toBe(100)
})

test('a delay that was shorter than told is not made longer still', () => {
  expect(forwardingUs({ directUs, otherUs: times(100, () => 1040) }, 1000)).toBe(0)
})

test('nothing is made up where nothing was measured', () => {
  expect(() => addedDelay({ directUs: [], otherUs: [] })).toThrow(RangeError)
})
