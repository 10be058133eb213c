import { describe, expect, it } from 'vitest'
import { cellsOf } from './cells.ts'
import { estimate } from './estimate.ts'
import { exampleResults, fixtureLoads } from './slice.fixture.ts'

const twoRounds = exampleResults({
  restarts: 4,
  rounds: 2,
  loads: fixtureLoads.slice(0, 1),
  doubtfulShare: 0,
  estimated: false,
})
const candidates = twoRounds.plan.variants.flatMap(({ id, role }) => (role === 'candidate' ? [id] : []))

/** One planned round in two blocks: every candidate is in one of them, control and twin in both. */
const inBlocks = twoRounds.slices.filter(
  ({ role, variant, round }) => role !== 'candidate' || candidates.indexOf(variant) % 2 === round,
)

describe('the rounds that a restart must keep', () => {
  it('are one where one was planned, although control and twin were measured in each of two blocks', () => {
    expect(cellsOf(inBlocks).map(({ leastRounds }) => leastRounds)).toEqual([1])
    const { estimates } = estimate({ ...twoRounds, slices: inBlocks })
    const withCost = estimates.filter(({ metric, kind }) => metric === 'appCpuUsPerRequest' && kind === 'cost')
    expect(withCost.map(({ variant }) => variant)).toEqual(expect.arrayContaining(candidates))
  })

  it('are two where two were planned, and never more', () => {
    expect(cellsOf(twoRounds.slices)[0]?.leastRounds).toBe(2)
    const four = exampleResults({ restarts: 1, rounds: 4, loads: fixtureLoads.slice(0, 1), estimated: false })
    expect(cellsOf(four.slices)[0]?.leastRounds).toBe(2)
  })

  it('are no more for rounds that were added to one', () => {
    const added = twoRounds.slices.map((slice) => (slice.round === 1 ? { ...slice, further: true as const } : slice))
    expect(cellsOf(added)[0]?.leastRounds).toBe(1)
  })

  it('are those of control and twin where nobody else was measured', () => {
    const alone = twoRounds.slices.filter(({ role }) => role !== 'candidate')
    expect(cellsOf(alone)[0]?.leastRounds).toBe(2)
  })
})
