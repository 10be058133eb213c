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
