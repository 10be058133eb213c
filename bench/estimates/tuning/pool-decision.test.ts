import { expect, test } from 'vitest'
import { decideOnPools } from './pool-decision.ts'
import { exampleSweep } from './pool-sweep.fixture.ts'

const sweep = exampleSweep({ restarts: 5, connections: [8, 64], delaysUs: [0] })

/** The record as it stood after some restarts. */
const after = (restarts: number) => ({
  plan: sweep.plan,
  slices: sweep.slices.filter(({ restart }) => restart < restarts),
})

test('before the third restart every cell goes on', () => {
  const decision = decideOnPools(after(2), 2)
  expect(decision.stop).toBe(false)
  expect(decision.active).toHaveLength(10)
})

test('the run stops when every recommendation is settled, and says how many are', () => {
  const decision = decideOnPools(after(5), 5)
  expect(decision).toEqual({
    active: [],
    stop: true,
    settled: '2 of 2 recommendations are settled',
    goingOn: '0 of 10 cells go on',
  })
})

test('a pool shown to be too poor gets no further rounds, those that may be the answer do', () => {
  const open = exampleSweep({
    restarts: 4,
    connections: [64],
    delaysUs: [0],
    throughput: ({ poolSize }) => (poolSize < 5 ? 5000 : poolSize === 5 ? 9500 : 10_000),
  })
  const decision = decideOnPools(open, 4)
  expect(decision.stop).toBe(false)
  expect(decision.active.map(({ variant }) => variant)).toEqual([
    'session@dbDelay=0,pool=5',
    'session@dbDelay=0,pool=10',
    'session@dbDelay=0,pool=20',
  ])
})

test('what is settled stays settled when its cells get no further rounds', () => {
  const early = decideOnPools(after(3), 3)
  const left = new Set(early.active.map(({ variant, connections }) => `${variant} ${connections}`))
  const slices = sweep.slices.filter(
    ({ restart, role, variant, load }) =>
      restart < 3 || role !== 'candidate' || left.has(`${variant} ${load.connections}`),
  )
  const later = decideOnPools({ plan: sweep.plan, slices }, 5)
  for (const { variant, connections } of later.active) expect(left.has(`${variant} ${connections}`)).toBe(true)
})

test('nothing measured is no reason to stop', () => {
  expect(decideOnPools({ plan: sweep.plan, slices: [] }, 3).stop).toBe(false)
})
