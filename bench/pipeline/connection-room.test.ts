import { describe, expect, it } from 'vitest'
import { makePlan } from '../plan/plan.ts'
import { poolTuningPlan } from '../plan/pool-grid.ts'
import { tokenTuningPlan } from '../plan/token-grid.ts'
import { connectionsNeeded, requireRoom } from './connection-room.ts'

const external = (most?: string) =>
  ({ kind: 'external', settings: most === undefined ? {} : { max_connections: most } }) as const

describe('a Postgres of the user', () => {
  it('with too few connections for the plan is refused, with both numbers', () => {
    expect(() => requireRoom(external('100'), 101)).toThrow(
      expect.objectContaining({
        code: 'postgres.max-connections',
        message: expect.stringMatching(/may hold 101 connections .* allows 100 \(max_connections\)/),
      }),
    )
  })

  it('with just enough, or one that does not tell, is taken', () => {
    expect(() => requireRoom(external('100'), 100)).not.toThrow()
    expect(() => requireRoom(external(), 1000)).not.toThrow()
  })

  it('is what is asked about: one of our own is started with enough', () => {
    expect(() => requireRoom({ kind: 'embedded', settings: { max_connections: '1' } }, 1000)).not.toThrow()
  })
})

describe('a Postgres as it comes, with 100 connections', () => {
  it.each([
    ['run', makePlan({ seed: 1 })],
    ['tune token', tokenTuningPlan({ seed: 1 }, { absent: 'not measurable on 2 cores' })],
    ['tune pool', poolTuningPlan({ seed: 1 })],
    ['tune pool at three distances', poolTuningPlan({ dbDelay: '0,0.5ms,2ms', seed: 1 })],
  ])('has room for %s', (_, plan) => {
    expect(() => requireRoom(external('100'), connectionsNeeded(plan))).not.toThrow()
  })

  it('has none where pools alone take more', () => {
    const plan = makePlan({ variants: ['session', 'session:touch=always'], poolSize: 50, seed: 1 })
    expect(() => requireRoom(external('100'), connectionsNeeded(plan))).toThrow(/may hold 1\d\d connections/)
  })
})
