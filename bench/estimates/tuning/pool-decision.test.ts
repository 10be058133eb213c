import { expect, test } from 'vitest'
import { decideOnPools } from './pool-decision.ts'
import { exampleSweep } from './pool-sweep.fixture.ts'

const sweep = exampleSweep({ restarts: 5, connections: [8, 64], delaysUs: [0] })

/** The record as it stood after some restarts. */
const after = (restarts: number) => ({
  plan: sweep.plan,
  slices: sweep.slices.filter(({ restart }) => restart < restarts),
})

test('before the third restart every cell goes on, but for pools of more connections than can be in use', () => {
  const decision = decideOnPools(after(2), 2)
  expect(decision.stop).toBe(false)
  const at8 = decision.active.filter(({ connections }) => connections === 8).map(({ variant }) => variant)
  expect(at8).toEqual([1, 2, 5, 10].map((size) => `session@dbDelay=0,pool=${size}`))
  expect(decision.active).toHaveLength(4 + 5)
})

test('one connection needs one, without any comparison, unless requests make more queries than one', () => {
  const one = exampleSweep({ restarts: 3, connections: [1], delaysUs: [0] })
  expect(decideOnPools(one, 3)).toMatchObject({ stop: true, settled: '1 of 1 recommendations are settled', active: [] })
  const two = one.slices.map((slice) => ({ ...slice, app: { ...slice.app, queries: 2 * slice.requests } }))
  const decision = decideOnPools({ plan: one.plan, slices: two.filter(({ restart }) => restart < 2) }, 2)
  expect(decision.active.map(({ variant }) => variant)).toEqual([
    'session@dbDelay=0,pool=1',
    'session@dbDelay=0,pool=2',
  ])
})

test('connections are dealt to app instances, each with a pool of its own', () => {
  const dealt = exampleSweep({ restarts: 2, connections: [9], delaysUs: [0], instances: [1, 2] })
  const { active } = decideOnPools(dealt, 2)
  const pools = (instances: number) => active.filter(({ variant }) => variant.includes(`instances=${instances}`)).length
  // 9 connections: 1, 2, 5, 10; 5 for each instance: 1, 2, 5.
  expect([pools(1), pools(2)]).toEqual([4, 3])
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
