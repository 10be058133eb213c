import { describe, expect, it } from 'vitest'
import type { BurstySlice } from '../record/bursty.ts'
import type { Bounded } from '../record/tuning.ts'
import { createRandom } from '../statistics/random.ts'
import {
  burstyEveryMs as everyMs,
  burstyPopulation as population,
  burstyRate as requestsPerSecond,
  burstySlices as slicesOf,
} from './bursty.fixture.ts'
import { burstyOf, missShareAt, missShareOf } from './bursty.ts'

const only = (slices: readonly BurstySlice[]) => {
  const [variant] = burstyOf(slices, population).variants
  if (variant === undefined) throw new Error('no variant')
  return variant
}
const known = (figure: Bounded | { readonly absent: string }): Bounded => {
  if ('absent' in figure) throw new Error(figure.absent)
  return figure
}
const holds = ({ low, high }: Bounded, truth: number): boolean => low <= truth && truth <= high

describe('strategies with a clock of their own', () => {
  it('tells the cost of a hit from that of a miss, in 95 % intervals that hold the truth', () => {
    const runs = Array.from({ length: 300 }, (_, seed) => only(slicesOf({ seed })))
    const share = (found: (run: (typeof runs)[number]) => boolean) => runs.filter(found).length / runs.length
    expect(share(({ hitUs }) => holds(known(hitUs), 60))).toBeGreaterThan(0.92)
    expect(share(({ missUs }) => holds(known(missUs), 140))).toBeGreaterThan(0.92)
    expect(share(({ check }) => check.agrees === true)).toBeGreaterThan(0.92)
  })

  it("derives the cost at a user's own rate: all misses for a rare visitor, nearly all hits for a busy one", () => {
    const { atUserRate } = only(slicesOf())
    const at = (rate: number) =>
      known(atUserRate.find((one) => one.requestsPerUserPerMinute === rate)?.cpuUs ?? { absent: 'no such rate' })
    expect(holds(at(60), 60 + 80 / (1 + 1 * 2))).toBe(true)
    expect(holds(at(0.1), 60 + 80 / (1 + (0.1 / 60) * 2))).toBe(true)
  })

  it("measured with a shorter period, derives a user's cost with the real one and checks with the short one", () => {
    const found = only(slicesOf({ ownPeriodMs: 60_000, users: 300 }))
    expect(found).toMatchObject({ everyMs: 60_000, measuredEveryMs: everyMs, users: 300 })
    const perMinute = found.atUserRate.find(({ requestsPerUserPerMinute }) => requestsPerUserPerMinute === 1)
    expect(holds(known(perMinute?.cpuUs ?? { absent: 'no such rate' }), 60 + 80 / 2)).toBe(true)
    expect(found.check.derivedMissShare).toBeCloseTo(missShareOf(requestsPerSecond, everyMs, 300, 1), 10)
    expect(found.check.agrees).toBe(true)
  })

  it('finds where the derived cost is not what is measured', () => {
    const { check } = only(slicesOf({ unexplainedUs: 10 }))
    expect(check.agrees).toBe(false)
    expect(holds(known(check.differenceUs), 10)).toBe(true)
  })

  it('says so where the share of misses hardly varies, instead of dividing by next to nothing', () => {
    const found = only(slicesOf({ shares: [0.3, 0.3, 0.304, 0.3] }))
    expect(found.restarts).toBe(0)
    expect(found.hitUs).toEqual({ absent: expect.stringContaining('hardly varied') })
    expect(found.check).not.toHaveProperty('agrees')
  })

  it('is absent where the CPU of Postgres is', () => {
    const blind = slicesOf().map((one) => ({ ...one, slice: { ...one.slice, database: { absent: 'no schedstat' } } }))
    expect(only(blind).missUs).toEqual({ absent: 'no schedstat' })
  })
})

describe('the share of misses', () => {
  it('is that of simulated Poisson arrivals', () => {
    const random = createRandom(3, 'arrivals')
    for (const rate of [0.1, 1, 10]) {
      let now = 0
      let until = 0
      let misses = 0
      const requests = 20_000
      for (let i = 0; i < requests; i++) {
        now += random.exponential() / rate
        if (now < until) continue
        misses++
        until = now + everyMs / 1000
      }
      expect(misses / requests).toBeCloseTo(missShareAt(rate, everyMs), 1)
      expect(Math.abs(misses / requests / missShareAt(rate, everyMs) - 1)).toBeLessThan(0.05)
    }
  })

  it('of users who are all alike is that of one of them', () => {
    expect(missShareOf(1000, everyMs, 500, 0)).toBeCloseTo(missShareAt(2, everyMs), 10)
  })
})
