import type { Results } from '../record/run.ts'
import type { Slice } from '../record/slice.ts'
import { estimate } from './estimate.ts'
import { exampleResults, fixtureLoads } from './slice.fixture.ts'

/**
 * At saturation: Session asks an auth service besides Postgres (40 us a request, behind a delay proxy), HS256 a Redis.
 *
 * @param redis microseconds a request
 */
export function exampleWithCompanions(redis: number | { readonly absent: string }): Results {
  const loads = fixtureLoads.filter(({ mode }) => mode === 'saturation')
  const results = exampleResults({ restarts: 4, loads, estimated: false })
  const processesOf = (slice: Slice): Slice['processes'] => {
    const proxy = { role: 'delay-proxy' as const, cpuUs: 1e6 }
    if (slice.variant === 'session') return [{ role: 'issuer', cpuUs: 40 * slice.requests }, proxy]
    if (slice.variant !== 'jwt:alg=HS256') return undefined
    return [{ role: 'cache', cpuUs: typeof redis === 'number' ? redis * slice.requests : redis }]
  }
  const slices = results.slices.map((slice) => {
    const processes = processesOf(slice)
    return processes === undefined ? slice : { ...slice, processes }
  })
  const record = { ...results, slices }
  return { ...record, ...estimate(record) }
}
