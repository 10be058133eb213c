import { describe, expect, it } from 'vitest'
import { notShownDearer } from './cheapest.ts'
import { createRandom } from './random.ts'

/** Costs with noise of SD 1, by contender and restart. */
function contest(truth: readonly number[], restarts: number, seed: number, leastDifference = 0) {
  const random = createRandom(seed, 'cheapest')
  const costs = truth.map((cost) => Array.from({ length: restarts }, () => cost + random.normal()))
  return {
    contenders: truth.length,
    leastDifference,
    differences: (a: number, b: number) => (costs[a] ?? []).map((cost, restart) => cost - (costs[b]?.[restart] ?? 0)),
  }
}

describe('notShownDearer', () => {
  it('leaves the cheapest alone where it is far from the others', () => {
    expect(notShownDearer(contest([30, 10, 50], 5, 1))).toEqual([1])
  })

  it('leaves all with too few restarts, whatever they look like', () => {
    expect(notShownDearer(contest([30, 10, 50], 2, 1))).toEqual([0, 1, 2])
  })

  it('leaves a single contender, and never nobody', () => {
    expect(notShownDearer(contest([7], 5, 1))).toEqual([0])
    expect(notShownDearer(contest([7, 7, 7], 5, 3)).length).toBeGreaterThan(0)
  })

  it('claims no difference below the noise band', () => {
    expect(notShownDearer(contest([10, 14], 20, 1))).toEqual([0])
    expect(notShownDearer(contest([10, 14], 20, 1, 9))).toEqual([0, 1])
  })

  it.each([
    ['equal costs', [10, 10, 10, 10, 10, 10]],
    ['two that are close', [10, 10.5, 12, 20, 20, 20]],
  ])('drops the cheapest in at most one of twenty runs: %s', (_, truth) => {
    for (const restarts of [3, 5]) {
      const runs = 2000
      let dropped = 0
      for (let seed = 0; seed < runs; seed++) {
        if (!notShownDearer(contest(truth, restarts, seed)).includes(0)) dropped++
      }
      expect(dropped / runs).toBeLessThan(0.055)
    }
  })
})
