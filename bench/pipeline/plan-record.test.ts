import { expect, test } from 'vitest'
import { makePlan } from '../plan/plan.ts'
import { recordPlan } from './plan-record.ts'

test('whether Postgres is started afresh for each restart is recorded; one of the user’s never is', () => {
  const recorded = (profile: 'standard' | 'thorough', kind: 'embedded' | 'external') =>
    recordPlan(makePlan({ profile, seed: 1 }), kind, [], []).restartPostgres
  expect(recorded('standard', 'embedded')).toBe(false)
  expect(recorded('thorough', 'embedded')).toBe(true)
  expect(recorded('thorough', 'external')).toBe(false)
})

test('the length of a slice at a low rate is recorded as it is measured, and the usual one as planned', () => {
  const load = (requestsPerSecond: number) =>
    ({ mode: 'fixed-rate', connections: 64, requestsPerSecond, arrivals: 'poisson' }) as const
  const lengths = (rate: number) =>
    recordPlan(makePlan({ profile: 'quick', rate, seed: 1 }), 'embedded', [], [load(rate)]).loads.map(
      ({ sliceMs }) => sliceMs,
    )
  expect(lengths(2000)).toEqual([120])
  expect(lengths(100)).toEqual([800])
})
