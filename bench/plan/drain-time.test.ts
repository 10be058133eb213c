import { expect, it } from 'vitest'
import { makePlan } from './plan.ts'
import { poolGridDefaults, poolTuningPlan } from './pool-grid.ts'

it.each([
  [
    { poolSize: 5, dbDelay: '1s' },
    /^session@dbDelay=1000ms: with 64 connections at once, a pool of 5 .* takes 13.0 s, .* Take a pool of at least 8, or a delay of at most 615ms\.$/,
  ],
  [
    { connections: 100, dbDelay: '0,1s' },
    /100 connections .* pool of at least 13, or at most 80 connections, or a delay/,
  ],
  [{ vary: ['pool=1,10', 'dbDelay=200ms'] }, /session@dbDelay=200ms,pool=1: .* takes 12.8 s/],
  [{ vary: ['connections=8,900'], dbDelay: '100ms' }, /with 900 connections/],
])('a plan whose last answers would come too late is refused, with what to change: %j', (input, message) => {
  expect(() => makePlan({ variants: ['session'], ...input })).toThrow(message)
  expect(() => makePlan({ variants: ['session'], ...input })).toThrow(expect.objectContaining({ exitCode: 2 }))
})

it('a grid is judged by its own loads, which have no open loop', () => {
  expect(() => poolTuningPlan({ dbDelay: '0,200ms' })).toThrow(/pool=1: with 64 connections .* takes 12.8 s/)
  expect(() => poolTuningPlan({ dbDelay: '200ms', connections: '1,40' })).not.toThrow()
  expect(() => poolTuningPlan({ dbDelay: '200ms', connections: '1,41' })).toThrow(/at most 40 connections/)
})

it('app instances answer side by side', () => {
  const input = { variants: ['session'], vary: ['pool=4', 'dbDelay=1s'] }
  expect(() => makePlan({ ...input, vary: [...input.vary, 'instances=2'] })).not.toThrow()
  expect(() => makePlan({ ...input, vary: [...input.vary, 'instances=1'] })).toThrow(/last answer takes 16.0 s/)
})

it('what is usual, and whoever asks Postgres nothing, is not refused', () => {
  expect(() => poolTuningPlan({ ...poolGridDefaults, dbDelay: '0,0.5ms,2ms' })).not.toThrow()
  expect(() => makePlan({ variants: ['session'], dbDelay: '1s' })).not.toThrow()
  expect(() => makePlan({ variants: ['session'], poolSize: 1, connections: 4096 })).not.toThrow()
  const mixed = { variants: ['session:store=redis', 'session'], vary: ['pool=10'], dbDelay: '1s' }
  expect(() => makePlan(mixed)).not.toThrow()
})
