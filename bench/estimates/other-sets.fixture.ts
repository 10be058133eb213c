import type { Results } from '../record/run.ts'
import { estimate } from './estimate.ts'
import { exampleResults, type FixtureOptions } from './slice.fixture.ts'

/** The example in two sets: RS256 and EdDSA run in the second, with a control and a twin of its own there. */
export function exampleInTwoSets(options: FixtureOptions = {}): Results {
  const results = exampleResults({ ...options, estimated: false })
  const second = new Set(['jwt:alg=RS256', 'jwt:alg=EdDSA'])
  const slices = results.slices.flatMap((slice) => {
    if (slice.role !== 'candidate') return [slice, { ...slice, set: 1 }]
    return second.has(slice.variant) ? [{ ...slice, set: 1 }] : [slice]
  })
  const record = { ...results, slices }
  return { ...record, ...estimate(record) }
}
