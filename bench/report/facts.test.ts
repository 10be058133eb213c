import { expect, test } from 'vitest'
import { exampleResults } from '../estimates/slice.fixture.ts'
import { elapsedText, environmentFacts, leadText, methodFacts } from './facts.ts'

const delays = (results: Parameters<typeof environmentFacts>[0]): readonly string[] =>
  environmentFacts(results)
    .filter(({ name }) => name === 'Delay to the database')
    .map(({ value }) => value)

test('each simulated distance is shown: what was asked for, what it came to, whose CPU it is', () => {
  const results = exampleResults()
  const environment = {
    ...results.environment,
    dbDelays: [
      { askedUs: 500, addedUs: { p50: 512.4, p99: 740 }, samples: 500 },
      { askedUs: 2000, addedUs: { p50: 1998, p99: 2310 }, samples: 400 },
    ],
  }
  const [near = '', far = ''] = delays({ ...results, environment })
  expect(near).toContain('asked for 500 µs')
  expect(near).toContain('p50 512 µs, p99 740 µs (500 samples)')
  expect(near).toContain('neither the server’s nor the database’s')
  expect(far).toContain('asked for 2,000 µs')
})

test('the CPU that the proxy took per query stands beside the delay', () => {
  const results = exampleResults({ restarts: 3, rounds: 2, estimated: false })
  const environment = {
    ...results.environment,
    dbDelays: [500, 2000].map((askedUs) => ({ askedUs, addedUs: { p50: askedUs, p99: askedUs }, samples: 500 })),
  }
  const variants = results.plan.variants.map((variant) =>
    variant.id === 'session' ? { ...variant, deployment: { dbDelayUs: 500 } } : variant,
  )
  const withProxy = (cpuUs: number | { absent: string }) =>
    delays({
      ...results,
      environment,
      plan: { ...results.plan, variants },
      slices: results.slices.map((slice) => ({
        ...slice,
        processes: [
          { role: 'cache' as const, cpuUs: 1e9 },
          { role: 'delay-proxy' as const, cpuUs: typeof cpuUs === 'number' ? cpuUs * slice.app.queries : cpuUs },
        ],
      })),
    })
  expect(withProxy(45.25)[0]).toContain('a proxy whose own CPU (45.3 µs per query) is neither')
  expect(withProxy({ absent: 'no /proc' })[0]).toContain('(not measured: no /proc)')
  // Nobody was measured at this distance.
  expect(withProxy(45.25)[1]).toContain('a proxy whose own CPU is neither')
})

test('the method says which starts of Postgres the intervals cover, as far as the file tells', () => {
  const results = exampleResults({ restarts: 3, rounds: 2, estimated: false })
  const starts = (restartPostgres: boolean | undefined, pausedMs?: number): string | undefined => {
    const { restartPostgres: _, ...plan } = results.plan
    return methodFacts({
      ...results,
      run: { ...results.run, ...(pausedMs === undefined ? {} : { pausedMs }) },
      plan: { ...plan, ...(restartPostgres === undefined ? {} : { restartPostgres }) },
    }).find(({ name }) => name === 'Starts of Postgres')?.value
  }
  expect(starts(false)).toContain('intervals cover this start only')
  expect(starts(false, 60_000)).toContain('one start for each part')
  expect(starts(true)).toContain('before each restart but the first')
  expect(starts(undefined)).toBeUndefined()
})

test('without a simulated distance nothing is said of one', () => {
  expect(delays(exampleResults())).toEqual([])
})

test('what sharing a core costs a look-up is shown where it was measured, and why where it could not be', () => {
  const results = exampleResults()
  const facts = (coreSharing: NonNullable<(typeof results.environment)['coreSharing']>): string | undefined =>
    environmentFacts({ ...results, environment: { ...results.environment, coreSharing } }).find(
      ({ name }) => name === 'Sharing a core',
    )?.value
  const shared = { appCpuUs: 45.04, databaseCpuUs: 43 }
  const measured = {
    variant: 'session',
    inFlight: 10,
    turns: 3,
    turnMs: 200,
    shared,
    apart: { ...shared, appCpuUs: 30 },
    times: { value: 1.21, low: 1.1, high: 1.33 },
  }
  expect(facts(measured)).toBe(
    'a look-up in process, 10 at a time: 45.0 µs of app CPU and 43.0 µs of database CPU on the shared core, 30.0 µs of app CPU and 43.0 µs of database CPU with a core each: 1.21 times as much (1.10 to 1.33); medians of 3 × 200 ms each',
  )
  expect(facts({ absent: 'no reason' })).toBe('– (no reason)')
  expect(environmentFacts(results).some(({ name }) => name === 'Sharing a core')).toBe(false)
})

test('the time between the parts of a run that was continued is no part of what it took', () => {
  const run = { startedAt: '2026-01-01T10:00:00.000Z', finishedAt: '2026-01-02T10:05:10.000Z' }
  expect(elapsedText({ ...run, pausedMs: 86_400_000 })).toBe('5 min 10 s')
  expect(elapsedText({ startedAt: run.startedAt })).toBeUndefined()
})

test('the speed that CPU is stated for is said, with how far the machine was from it, and why where none is', () => {
  const results = exampleResults({ restarts: 3, rounds: 2, estimated: false })
  const fact = (of: typeof results): string | undefined =>
    methodFacts(of).find(({ name }) => name === 'Core speed')?.value
  const coreSpeed = {
    referenceWorkUs: 50,
    medianWorkUs: 60,
    slowWorkUs: 90,
    loads: [{ mode: 'saturation' as const, slope: 0.751, commonError: 0.0164, slices: 60, explained: 0.828 }],
  }
  const adjusted = { ...results, coreSpeed }
  expect(fact(adjusted)).toContain('took 20 % longer there, in the slowest tenth 80 % and more')
  expect(fact(adjusted)).toContain(
    'saturation: power 0.75, 83 % of the spread of CPU per request, ±1.6 % of all figures in common',
  )
  expect(leadText(adjusted)).toContain('CPU at one speed of the cores')
  const variants = [
    { variant: 'none', slope: 0.6, ownError: 0.01 },
    { variant: 'session', slope: 0.92, ownError: 0.02 },
  ]
  const byKind = {
    ...adjusted,
    coreSpeed: { ...coreSpeed, loads: coreSpeed.loads.map((one) => ({ ...one, variants })) },
  }
  expect(fact(byKind)).toContain('saturation: power 0.75 (of single variants 0.60 to 0.92), 83 % of the spread')
  const known = { undisturbedWorkUs: 50, runs: 3, slopes: [] }
  const slowThroughout = {
    ...adjusted,
    environment: { ...results.environment, coreSpeed: known },
    coreSpeed: { ...coreSpeed, fastestWorkUs: 57 },
  }
  expect(fact(slowThroughout)).toContain('the fastest in 3 earlier runs on this machine')
  expect(fact(slowThroughout)).toContain('80 % and more, at best 14 %')
  expect(fact({ ...slowThroughout, coreSpeed: { ...coreSpeed, fastestWorkUs: 50 } })).not.toContain('earlier runs')
  const asRead = { ...results, coreSpeed: { absent: 'nothing is pinned' } }
  expect(fact(asRead)).toBe('CPU as it was read: nothing is pinned')
  expect(leadText(asRead)).not.toContain('one speed')
  expect(fact(results)).toBeUndefined()
})
