import { expect, test } from 'vitest'
import type { Metric } from '../../metrics/metric.ts'
import { metricById } from '../../metrics/table.ts'
import type { Results } from '../../record/run.ts'
import { fixtureVariants } from '../plan.fixture.ts'
import { exampleResults, type FixtureOptions, fixtureLoads } from '../slice.fixture.ts'
import { compareRuns } from './compare-runs.ts'
import { runDifferences } from './run-differences.ts'

const metric = (id: string): Metric => {
  const found = metricById(id)
  if (found === undefined) throw new Error(`no metric ${id}`)
  return found
}
const cpu = [metric('totalCpuUsPerRequest')]
const loads = fixtureLoads.filter(({ mode }) => mode === 'saturation')
const results = (options: FixtureOptions): Results => exampleResults({ loads, ...options })
const before = results({ seed: 1 })

/** Everything on a machine that takes `factor` times as long. */
const slower = (run: Results, factor: number): Results => ({
  ...run,
  slices: run.slices.map((slice) => ({
    ...slice,
    app: { ...slice.app, cpuUs: slice.app.cpuUs * factor },
    database: 'absent' in slice.database ? slice.database : { ...slice.database, cpuUs: slice.database.cpuUs * factor },
  })),
})

const dearerSession = fixtureVariants.map((variant) =>
  variant.id === 'session' ? { ...variant, appSaturationUs: variant.appSaturationUs * 1.4 } : variant,
)

const verdictOf = (comparison: ReturnType<typeof compareRuns>, variant: string) =>
  comparison.figures.find((figure) => figure.variant === variant)?.verdict

test('a cost that rose by more than the limit is a regression, and only that one', () => {
  const after = results({ seed: 2, variants: dearerSession })
  const comparison = compareRuns(before, after, { metrics: cpu, scale: 'control', maxRegression: 0.05 })
  expect(comparison.figures.filter(({ verdict }) => verdict === 'regression').map(({ variant }) => variant)).toEqual([
    'session',
  ])
  // App CPU rose by 14 us of 61.5 us in all.
  const change = comparison.figures.find(({ variant }) => variant === 'session')?.change
  if (change === undefined || 'absent' in change) throw new Error('no change')
  expect(change.low).toBeLessThan(0.4 * (34.9 / 61.5))
  expect(change.high).toBeGreaterThan(0.4 * (34.9 / 61.5))
})

test('the same rise within a generous limit is shown to be within it', () => {
  const after = results({ seed: 2, variants: dearerSession })
  const comparison = compareRuns(before, after, { metrics: cpu, scale: 'control', maxRegression: 0.5 })
  expect(verdictOf(comparison, 'session')).toBe('within-limit')
})

test('a machine that is slower as a whole is no regression, unless microseconds are asked for', () => {
  const after = slower(results({ seed: 2 }), 1.3)
  const relative = compareRuns(before, after, { metrics: cpu, scale: 'control', maxRegression: 0.1 })
  expect(relative.figures.map(({ verdict }) => verdict)).not.toContain('regression')
  const absolute = compareRuns(before, after, { metrics: cpu, scale: 'own-unit', maxRegression: 0.1 })
  expect(verdictOf(absolute, 'jwt:alg=EdDSA')).toBe('regression')
})

test('the limit of a variant that was cheaper than the control lies above what it cost, and its change is a difference', () => {
  const cheaper = (appSaturationUs: number) =>
    fixtureVariants.map((variant) =>
      variant.id === 'session' ? { ...variant, appSaturationUs, databaseUs: 0 } : variant,
    )
  const earlier = results({ seed: 1, variants: cheaper(-6) })
  const options = { metrics: cpu, scale: 'control', maxRegression: 0.5 } as const
  const same = compareRuns(earlier, results({ seed: 2, variants: cheaper(-6) }), options)
  expect(verdictOf(same, 'session')).toBe('within-limit')
  const dearer = compareRuns(earlier, results({ seed: 2, variants: cheaper(-1) }), options)
  expect(verdictOf(dearer, 'session')).toBe('regression')
  const change = dearer.figures.find(({ variant }) => variant === 'session')?.change
  expect(change).toEqual({ absent: 'it was below 0 before' })
})

test('without a limit nothing is a regression, and changes are told by their direction', () => {
  const after = results({ seed: 2, variants: dearerSession })
  expect(verdictOf(compareRuns(before, after, { metrics: cpu, scale: 'control' }), 'session')).toBe('worse')
  expect(verdictOf(compareRuns(after, before, { metrics: cpu, scale: 'control' }), 'session')).toBe('better')
})

test('less throughput is worse', () => {
  const comparison = compareRuns(before, results({ seed: 2, variants: dearerSession }), {
    metrics: [metric('requestsPerSecond')],
    scale: 'control',
  })
  expect(verdictOf(comparison, 'session')).toBe('worse')
})

test('within the noise band of the twins nothing is a regression', () => {
  const noisyTwin = fixtureVariants.map((variant) =>
    variant.role === 'twin' ? { ...variant, appSaturationUs: 25 } : variant,
  )
  const after = results({
    seed: 2,
    variants: noisyTwin.map((variant) => (variant.id === 'session' ? (dearerSession[2] ?? variant) : variant)),
  })
  const comparison = compareRuns(before, after, { metrics: cpu, scale: 'control', maxRegression: 0.05 })
  expect(verdictOf(comparison, 'session')).toBe('undecided')
})

test('percentiles are compared one by one, over the control', () => {
  const fixedRate = fixtureLoads.filter(({ mode }) => mode === 'fixed-rate')
  const options = { loads: fixedRate, restarts: 4 }
  const comparison = compareRuns(exampleResults({ ...options, seed: 3 }), exampleResults({ ...options, seed: 4 }), {
    metrics: [metric('latencyUs')],
    scale: 'control',
    maxRegression: 0.5,
  })
  expect(new Set(comparison.figures.map(({ quantile }) => quantile)).size).toBeGreaterThan(1)
  expect(comparison.figures.every(({ scale }) => scale === 'control')).toBe(true)
})

test('a figure that control and twin do not have, such as the time of a query, can be a regression', () => {
  const slowQuery = fixtureVariants.map((variant) =>
    variant.id === 'session' ? { ...variant, authStepUs: variant.authStepUs * 1.4 } : variant,
  )
  for (const scale of ['control', 'own-unit'] as const) {
    const options = { metrics: [metric('queryUs'), metric('poolWaitUs')], scale, maxRegression: 0.1 }
    const { figures } = compareRuns(before, results({ seed: 2, variants: slowQuery }), options)
    const verdicts = figures.map(({ variant, metric: { id }, quantile, verdict }) => [variant, id, quantile, verdict])
    expect(verdicts).toContainEqual(['session', 'queryUs', 0.5, 'regression'])
    expect(verdicts).toContainEqual(['session', 'poolWaitUs', 0.5, 'within-limit'])
  }
})

test('what only one run has is named with the reason', () => {
  const after = results({ seed: 2, variants: fixtureVariants.filter(({ id }) => id !== 'jwt:alg=RS256') })
  const { notCompared, figures } = compareRuns(before, after, { metrics: cpu, scale: 'control' })
  expect(notCompared.map(({ variant, reason, lost }) => [variant, reason, lost])).toEqual([
    ['jwt:alg=RS256', 'only in the earlier run', true],
  ])
  expect(figures).toHaveLength(4)
  const added = compareRuns(after, before, { metrics: cpu, scale: 'control' }).notCompared
  expect(added.map(({ reason, lost }) => [reason, lost])).toEqual([['only in the later run', false]])
})

test('runs of too few restarts have nothing to compare, and say why', () => {
  const few = results({ seed: 2, restarts: 2 })
  const { figures, notCompared } = compareRuns(before, few, { metrics: cpu, scale: 'control' })
  expect(figures).toEqual([])
  expect(notCompared[0]?.reason).toContain('later run: 2 of at least 3 restarts')
  expect(notCompared.every(({ lost }) => lost)).toBe(true)
  // What the earlier run could not tell either, the later has not lost.
  const other = compareRuns(few, before, { metrics: cpu, scale: 'control' }).notCompared
  expect(other.some(({ lost }) => lost)).toBe(false)
})

test('another machine makes runs incomparable, another Node does not', () => {
  const { environment } = before
  const after: Results = {
    ...before,
    environment: {
      ...environment,
      node: { ...environment.node, version: 'v22.0.0' },
      machine: { ...environment.machine, cpuModel: 'Another CPU' },
    },
  }
  expect(runDifferences(before, after).map(({ what, comparable }) => [what, comparable])).toEqual([
    ['CPU model', false],
    ['Node', true],
  ])
  expect(runDifferences(before, before)).toEqual([])
})

test('another kind of Redis or route to it makes runs incomparable, another version does not', () => {
  const redis = { kind: 'program', product: 'redis', version: '7.0.15', route: 'loopback' } as const
  const withRedis = (more: Partial<NonNullable<Results['environment']['redis']>>): Results => ({
    ...before,
    environment: { ...before.environment, redis: { ...redis, ...more } },
  })
  const after = withRedis({ kind: 'container', route: 'direct', product: 'valkey', version: '8.1.1' })
  expect(runDifferences(withRedis({}), after)).toEqual([
    { what: 'kind of Redis', before: 'program', after: 'container', comparable: false },
    { what: 'route to Redis', before: 'loopback', after: 'direct', comparable: false },
    { what: 'Redis', before: 'redis 7.0.15', after: 'valkey 8.1.1', comparable: true },
  ])
  // Where only one of them needed a Redis, nothing that is compared asked it in both.
  expect(runDifferences(before, after)).toEqual([])
  expect(runDifferences(after, before)).toEqual([])
})

test('cores that were slower at their best in one of two runs are told, and their shares compared all the same', () => {
  const at = (referenceWorkUs: number): Results => ({
    ...before,
    coreSpeed: { referenceWorkUs, medianWorkUs: 90, slowWorkUs: 95, loads: [] },
  })
  expect(runDifferences(at(39.2), at(77))).toEqual([
    {
      what: 'the best speed of the cores (time of a fixed piece of work)',
      before: '39 us',
      after: '77 us',
      comparable: true,
    },
  ])
  expect(runDifferences(at(77), at(39.2))).toHaveLength(1)
  expect(runDifferences(at(39), at(42))).toEqual([])
  expect(runDifferences(at(39), { ...before, coreSpeed: { absent: 'not sampled' } })).toEqual([])
})
