import { expect, test } from 'vitest'
import { burstyPopulation, burstySlices } from '../estimates/bursty.fixture.ts'
import { burstyOf } from '../estimates/bursty.ts'
import { exampleResults } from '../estimates/slice.fixture.ts'
import { loadSections } from './sections.ts'
import { steadyCostViews } from './steady-cost.ts'

const load = { mode: 'fixed-rate', connections: 10, requestsPerSecond: 1000, arrivals: 'poisson' } as const
const results = exampleResults({ restarts: 4, otherRounds: 3, loads: [load] })
const slices = burstySlices({ restarts: 4 }).map((one) => ({ ...one, slice: { ...one.slice, variant: 'session' } }))
const withClock = { ...results, bursty: burstyOf(slices, burstyPopulation) }

test('the cost of a variant with a clock of its own is worded for the load it was measured under', () => {
  const [view] = steadyCostViews(withClock)
  expect(view).toMatchObject({ variant: 'session', load: 'fixed-rate/1000', from: 'measured', unit: 'µs' })
  expect(view?.valueText).toMatch(/^\d+\.\d$/)
  expect(view?.intervalText).toMatch(/^±[\d.]+$/)
})

test('the tables of ordinary slices say whose share of misses is not that of use, and only there', () => {
  expect(loadSections(withClock)[0]?.note).toMatch(
    / Of Session the share of misses in these slices .*Hits and misses\.$/,
  )
  expect(loadSections(results)[0]?.note).not.toContain('Hits and misses')
})
