import { describe, expect, it } from 'vitest'
import type { BurstySlice } from '../record/bursty.ts'
import type { Bounded } from '../record/tuning.ts'
import { createRandom } from '../statistics/random.ts'
import { burstyOf, missShareAt, missShareOf } from './bursty.ts'
import { exampleResults } from './slice.fixture.ts'

const population = { users: 2000, popularity: { distribution: 'zipf' as const, exponent: 1 } }
const everyMs = 2000
const requestsPerSecond = 1000

const template = (() => {
  const [found] = exampleResults({ restarts: 1, rounds: 1, estimated: false }).slices.filter(
    ({ load, doubts, variant }) => load.mode === 'fixed-rate' && doubts.length === 0 && variant === 'session',
  )
  if (found === undefined) throw new Error('the fixture has no slice at a fixed rate')
  return found
})()

interface Truth {
  readonly hitUs?: number
  readonly missUs?: number
  /** Added to every request of the windows under a steady load: a cost that the two kinds do not explain. */
  readonly unexplainedUs?: number
  readonly shares?: readonly number[]
  readonly restarts?: number
  readonly seed?: number
  /** The variant's own period, where the windows were measured with a shorter one. */
  readonly ownPeriodMs?: number
  readonly users?: number
}

/** Slices whose hits and misses cost what they are said to; half of it in the database. */
function slicesOf(truth: Truth = {}): BurstySlice[] {
  const { hitUs = 60, missUs = 140, unexplainedUs = 0, shares = [0.55, 0.42, 0.36, 0.31], restarts = 10 } = truth
  const random = createRandom(truth.seed ?? 1, 'bursty')
  const asked = truth.users ?? population.users
  const steady = missShareOf(requestsPerSecond, everyMs, asked, population.popularity.exponent)
  const requests = 250
  return Array.from({ length: restarts }, (_, restart) => {
    const shared = 0.5 * random.normal()
    const one = (purpose: BurstySlice['purpose'], share: number, more: number): BurstySlice => {
      const misses = Math.round(share * requests)
      const perRequest = hitUs + ((missUs - hitUs) * misses) / requests + shared + more + random.normal()
      const cpuUs = (perRequest * requests) / 2
      return {
        purpose,
        everyMs: truth.ownPeriodMs ?? everyMs,
        ...(truth.ownPeriodMs === undefined ? {} : { measuredEveryMs: everyMs }),
        ...(truth.users === undefined ? {} : { users: truth.users }),
        misses,
        slice: {
          ...template,
          variant: 'session:cacheTtl=2s',
          restart,
          requests,
          load: { mode: 'fixed-rate', connections: 64, requestsPerSecond, arrivals: 'poisson' },
          app: { ...template.app, cpuUs },
          database: { cpuUs, backends: 10, helpersCpuUs: 0 },
        },
      }
    }
    return [
      ...[...shares, ...shares].map((share) => one('fit', share, 0)),
      ...[0, 1, 2].map(() => one('check', steady, unexplainedUs)),
    ]
  }).flat()
}

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
