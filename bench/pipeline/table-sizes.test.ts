import { describe, expect, it } from 'vitest'
import { plannedVariants } from '../plan/plan.ts'
import { poolTuningPlan } from '../plan/pool-grid.ts'
import { credentialsKey, schemaOf } from './table-sizes.ts'

describe('tables of several sizes', () => {
  const plan = poolTuningPlan({ pool: '2', sessions: '5000,20000', tokens: 'ES256', seed: 1 })
  const schemas = { databaseSchema: 'authcost', schemasBySessions: new Map([[20_000, 'authcost_20000']]) }

  it('lie in schemas of their own, but for the one that the rest of the plan uses', () => {
    expect(plannedVariants(plan).map(({ deployment = {} }) => schemaOf(deployment, schemas))).toEqual([
      ...['authcost', 'authcost', 'authcost'],
      ...['authcost_20000', 'authcost'],
    ])
  })

  it('are sent credentials of their own', () => {
    expect(plannedVariants(plan).map((planned) => credentialsKey(planned, plan))).toEqual([
      ...['none', 'none', 'session'],
      ...['session@sessions=20000', 'jwt:alg=ES256'],
    ])
  })
})
