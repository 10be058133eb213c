import { expect, test } from 'vitest'
import type { BurstySlice } from '../record/bursty.ts'
import { burstyEveryMs, burstyPopulation, burstyRate, burstySlices } from './bursty.fixture.ts'
import { missShareOf } from './bursty.ts'
import { exampleResults } from './slice.fixture.ts'
import { steadyCosts } from './steady-cost.ts'

const load = { mode: 'fixed-rate', connections: 10, requestsPerSecond: burstyRate, arrivals: 'poisson' } as const
const results = exampleResults({ restarts: 10, otherRounds: 5, loads: [load], estimated: false })
const plan = { ...results.plan, ...burstyPopulation }
/** What a request of the fixture's control takes at a fixed rate, microseconds. */
const controlUs = 37

const only = (slices: readonly BurstySlice[]) => {
  const [cost, ...others] = steadyCosts({ ...results, plan, bursty: { slices: [...slices], variants: [] } })
  if (cost === undefined || others.length > 0) throw new Error('one variant has one cost')
  return cost
}
const costAt = (missShare: number): number => 60 + 80 * missShare - controlUs

test('a period that was waited for: what the steady windows measured, minus the control of the same restarts', () => {
  const { users, popularity } = burstyPopulation
  // With a cost that hits and misses do not explain: it is measured, not derived.
  const { from, us, load: of } = only(burstySlices({ unexplainedUs: 10 }))
  const truth = costAt(missShareOf(burstyRate, burstyEveryMs, users, popularity.exponent)) + 10
  expect(from).toBe('measured')
  expect(of).toMatchObject({ requestsPerSecond: burstyRate })
  expect(us.low).toBeLessThan(truth)
  expect(us.high).toBeGreaterThan(truth)
  expect(us.high - us.low).toBeLessThan(4)
})

test('a shortened period: derived for the real one over all users, because the windows miss more often', () => {
  const { users, popularity } = burstyPopulation
  const ownPeriodMs = 60_000
  const { from, us } = only(burstySlices({ ownPeriodMs, users: 300 }))
  const truth = costAt(missShareOf(burstyRate, ownPeriodMs, users, popularity.exponent))
  expect(from).toBe('derived')
  expect(us.low).toBeLessThan(truth)
  expect(us.high).toBeGreaterThan(truth)
  expect(us.high).toBeLessThan(costAt(missShareOf(burstyRate, burstyEveryMs, 300, popularity.exponent)))
})

test('nothing is said with fewer than three restarts, or without a control at that rate', () => {
  const bursty = (restarts: number) => ({ slices: burstySlices({ restarts }), variants: [] })
  expect(steadyCosts({ ...results, plan, bursty: bursty(3) })).toHaveLength(1)
  expect(steadyCosts({ ...results, plan, bursty: bursty(2) })).toEqual([])
  const slices = results.slices.filter(({ role }) => role !== 'control')
  expect(steadyCosts({ ...results, plan, slices, bursty: bursty(3) })).toEqual([])
  expect(steadyCosts(results)).toEqual([])
})
