import { describe, expect, it } from 'vitest'
import { notShownDearer } from './cheapest.ts'
import { createRandom, type Random } from './random.ts'

/** Costs with noise of SD 1, one restart in ten three times as far off, by contender and restart. */
function contest(truth: readonly number[], restarts: number, random: Random, leastDifference = 0) {
  const noise = (): number => random.normal() * (random.next() < 0.1 ? 3 : 1)
  const costs = truth.map((cost) => Array.from({ length: restarts }, () => cost + noise()))
  return {
    contenders: truth.length,
    leastDifference,
    differences: (a: number, b: number) => (costs[a] ?? []).map((cost, restart) => cost - (costs[b]?.[restart] ?? 0)),
  }
}

const seeded = (seed: number): Random => createRandom(seed, 'cheapest')

describe('notShownDearer', () => {
  it('leaves the cheapest alone where it is far from the others', () => {
    expect(notShownDearer(contest([30, 10, 50], 5, seeded(1)))).toEqual([1])
  })

  it('leaves all with too few restarts, whatever they look like', () => {
    expect(notShownDearer(contest([30, 10, 50], 2, seeded(1)))).toEqual([0, 1, 2])
  })

  it('leaves a single contender, and never nobody', () => {
    expect(notShownDearer(contest([7], 5, seeded(1)))).toEqual([0])
    expect(notShownDearer(contest([7, 7, 7], 5, seeded(3))).length).toBeGreaterThan(0)
  })

  it('claims no difference below the noise band', () => {
    expect(notShownDearer(contest([10, 14], 20, seeded(1)))).toEqual([0])
    expect(notShownDearer(contest([10, 14], 20, seeded(1), 9))).toEqual([0, 1])
  })

  it.each([
    ['equal costs', [10, 10, 10, 10, 10, 10]],
    ['two that are close', [10, 10.5, 12, 20, 20, 20]],
  ])('drops the cheapest in at most one of twenty runs: %s', (_, truth) => {
    for (const restarts of [3, 5]) {
      const runs = 20_000
      const random = seeded(20_260_101)
      let dropped = 0
      for (let run = 0; run < runs; run++) {
        if (!notShownDearer(contest(truth, restarts, random)).includes(0)) dropped++
      }
      expect(dropped / runs).toBeLessThan(0.055)
    }
  })
})
