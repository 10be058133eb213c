import type { BurstySlice } from '../record/bursty.ts'
import { createRandom } from '../statistics/random.ts'
import { missShareOf } from './bursty.ts'
import { exampleResults } from './slice.fixture.ts'

export const burstyPopulation = { users: 2000, popularity: { distribution: 'zipf' as const, exponent: 1 } }
export const burstyEveryMs = 2000
export const burstyRate = 1000

const template = (() => {
  const [found] = exampleResults({ restarts: 1, rounds: 1, estimated: false }).slices.filter(
    ({ load, doubts, variant }) => load.mode === 'fixed-rate' && doubts.length === 0 && variant === 'session',
  )
  if (found === undefined) throw new Error('the fixture has no slice at a fixed rate')
  return found
})()

export interface BurstyTruth {
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
export function burstySlices(truth: BurstyTruth = {}): BurstySlice[] {
  const { hitUs = 60, missUs = 140, unexplainedUs = 0, shares = [0.55, 0.42, 0.36, 0.31], restarts = 10 } = truth
  const random = createRandom(truth.seed ?? 1, 'bursty')
  const asked = truth.users ?? burstyPopulation.users
  const steady = missShareOf(burstyRate, burstyEveryMs, asked, burstyPopulation.popularity.exponent)
  const requests = 250
  return Array.from({ length: restarts }, (_, restart) => {
    const shared = 0.5 * random.normal()
    const one = (purpose: BurstySlice['purpose'], share: number, more: number): BurstySlice => {
      const misses = Math.round(share * requests)
      const perRequest = hitUs + ((missUs - hitUs) * misses) / requests + shared + more + random.normal()
      const cpuUs = (perRequest * requests) / 2
      return {
        purpose,
        everyMs: truth.ownPeriodMs ?? burstyEveryMs,
        ...(truth.ownPeriodMs === undefined ? {} : { measuredEveryMs: burstyEveryMs }),
        ...(truth.users === undefined ? {} : { users: truth.users }),
        misses,
        slice: {
          ...template,
          variant: 'session:cacheTtl=2s',
          restart,
          requests,
          load: { mode: 'fixed-rate', connections: 64, requestsPerSecond: burstyRate, arrivals: 'poisson' },
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
