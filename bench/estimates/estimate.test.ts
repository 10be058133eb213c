import { expect, test } from 'vitest'
import type { Estimate } from '../record/estimate.ts'
import type { Slice } from '../record/slice.ts'
import { createRandom } from '../statistics/random.ts'
import { estimate } from './estimate.ts'
import { fixtureVariants } from './plan.fixture.ts'
import { drawnHistogram, exampleResults } from './slice.fixture.ts'

const results = exampleResults({ restarts: 6, otherRounds: 3 })

type Wanted = Partial<Pick<Estimate, 'variant' | 'baseline' | 'metric' | 'kind' | 'quantile'>> & {
  mode?: Slice['load']['mode']
}

function find(estimates: readonly Estimate[], { mode = 'saturation', ...wanted }: Wanted): Estimate {
  const found = estimates.find(
    (candidate) =>
      candidate.load.mode === mode &&
      Object.entries(wanted).every(([key, value]) => Reflect.get(candidate, key) === value),
  )
  if (found === undefined) throw new Error(`no estimate ${JSON.stringify(wanted)}`)
  return found
}

const appCost = { metric: 'appCpuUsPerRequest', kind: 'cost', baseline: 'none' } as const
const edited = (slices: readonly Slice[], edit: (slice: Slice) => Slice): Slice[] => slices.map(edit)

/** Slices at saturation that used the given app CPU per request: variant, restart, round. */
function handMade(values: Readonly<Record<string, readonly (readonly number[])[]>>): Slice[] {
  const [template] = results.slices
  if (template === undefined) throw new Error('no slice')
  return Object.entries(values).flatMap(([variant, restarts]) =>
    restarts.flatMap((rounds, restart) =>
      rounds.map(
        (appUs, round): Slice => ({
          ...template,
          variant,
          role: variant === 'none' ? 'control' : variant === 'none#twin' ? 'twin' : 'candidate',
          load: { mode: 'saturation', connections: 10 },
          restart,
          round,
          requests: 1000,
          app: { ...template.app, cpuUs: 1000 * appUs },
          doubts: [],
        }),
      ),
    ),
  )
}

test('a cost is the mean over restarts of the median of round differences', () => {
  const slices = handMade({
    none: [
      [10, 11, 10],
      [12, 12],
      [9, 10],
    ],
    session: [
      [14, 15, 99],
      [17, 18],
      [12, 12],
    ],
  })
  // Medians of differences: 4 of (4, 4, 89); 5.5 of (5, 6); 2.5 of (3, 2).
  // scipy.stats.ttest_1samp([4, 5.5, 2.5], 0).confidence_interval(.95) = (0.2738..., 7.7262...)
  const cost = find(estimate({ ...results, slices }).estimates, { ...appCost, variant: 'session' })
  expect(cost.value).toBeCloseTo(4, 12)
  expect(cost.low).toBeCloseTo(0.2737934323745055, 8)
  expect(cost.high).toBeCloseTo(7.7262065676254945, 8)
  expect(cost).toMatchObject({ restarts: 3, rounds: 7, method: 'restart-medians-t', confidence: 0.95, unit: 'us' })
  // Sum over sum: 187/7 - 74/7.
  expect(cost.total).toBeCloseTo(113 / 7, 10)
})

test('a doubtful control takes the costs of its round with it', () => {
  const slices = edited(
    handMade({
      none: [
        [10, 10, 10],
        [10, 10, 10],
        [10, 10, 10],
      ],
      session: [
        [12, 12, 50],
        [12, 12, 12],
        [12, 12, 12],
      ],
    }),
    (slice) =>
      slice.variant === 'none' && slice.restart === 0 && slice.round > 0
        ? { ...slice, doubts: [{ code: 'steal', detail: '' }] }
        : slice,
  )
  const { estimates, absent } = estimate({ ...results, slices })
  // Restart 0 keeps one round only and drops out: two restarts are too few for a cost, not for the session's own figure.
  expect(absent.find(({ variant, metric }) => variant === 'session' && metric === 'appCpuUsPerRequest')?.reason).toBe(
    'cost over none: 2 of at least 3 restarts can be used; 1 had too few valid rounds',
  )
  expect(find(estimates, { variant: 'session', metric: 'appCpuUsPerRequest', kind: 'absolute' }).rounds).toBe(9)
})

test('known costs are recovered in every load', () => {
  for (const { id, role, appSaturationUs, appFixedRateUs } of fixtureVariants) {
    if (role === 'control') continue
    for (const [mode, truth] of [
      ['saturation', appSaturationUs],
      ['fixed-rate', appFixedRateUs],
    ] as const) {
      const { value, low, high } = find(results.estimates, { ...appCost, variant: id, mode })
      expect(Math.abs(value - truth)).toBeLessThan(2 * (high - low) + 0.3)
    }
  }
})

test('adding CPU to every request of a variant adds it to its cost and leaves the width', () => {
  const slices = edited(results.slices, (slice) =>
    slice.variant === 'session'
      ? { ...slice, app: { ...slice.app, cpuUs: slice.app.cpuUs + 7 * slice.requests } }
      : slice,
  )
  const before = find(results.estimates, { ...appCost, variant: 'session' })
  const after = find(estimate({ ...results, slices }).estimates, { ...appCost, variant: 'session' })
  expect(after.value - before.value).toBeCloseTo(7, 9)
  expect(after.high - before.high).toBeCloseTo(7, 9)
})

test('the order of slices does not matter', () => {
  const byName = (estimates: readonly Estimate[]) =>
    estimates
      .map(
        (one) =>
          `${one.variant} ${one.baseline} ${one.metric} ${one.quantile} ${one.kind} ${one.load.mode} ${one.value.toPrecision(9)}`,
      )
      .sort()
  const again = estimate({ ...results, slices: [...results.slices].reverse() })
  expect(byName(again.estimates)).toEqual(byName(results.estimates))
})

test('the first candidate is paired with each other one directly', () => {
  const pair = find(results.estimates, { ...appCost, variant: 'jwt:alg=ES256', baseline: 'session' })
  const [own, first] = ['jwt:alg=ES256', 'session'].map(
    (variant) => find(results.estimates, { ...appCost, variant }).value,
  )
  expect(pair.value).toBeCloseTo((own ?? 0) - (first ?? 0), 0)
  expect(pair.verdict).toBe('different')
})

test('the noise band is the far end of the twin’s interval, and nothing smaller is called different', () => {
  const twin = find(results.estimates, { ...appCost, variant: 'none#twin' })
  const band = results.noiseBands.find(({ metric, load }) => metric === twin.metric && load.mode === 'saturation')
  expect(band?.band).toBe(Math.max(Math.abs(twin.low), Math.abs(twin.high)))
  expect(twin.verdict).toBeUndefined()
  // A certain difference of 0.5 us beside a twin that strays by a whole microsecond.
  const slices = handMade({
    none: [
      [10, 10],
      [10, 10],
      [10, 10],
      [10, 10],
    ],
    'none#twin': [
      [9, 9],
      [11, 11],
      [9, 9],
      [11, 11],
    ],
    session: [
      [10.5, 10.5],
      [10.5, 10.5],
      [10.5, 10.5],
      [10.5, 10.5],
    ],
  })
  const cost = find(estimate({ ...results, slices }).estimates, { ...appCost, variant: 'session' })
  expect(cost).toMatchObject({ value: 0.5, adjustedP: 0, verdict: 'no-difference-shown' })
})

test('closed-loop latency has no cost at saturation; at a fixed rate it has', () => {
  const costs = results.estimates.filter(({ metric, kind }) => metric === 'latencyUs' && kind === 'cost')
  expect(new Set(costs.map(({ load }) => load.mode))).toEqual(new Set(['fixed-rate', 'unloaded']))
  expect(costs.every(({ method }) => method === 'restart-histograms-t')).toBe(true)
})

test('throughput is compared as a ratio on logarithms', () => {
  const ratio = find(results.estimates, {
    metric: 'requestsPerSecond',
    kind: 'ratio',
    baseline: 'none',
    variant: 'session',
  })
  // The fixture's bare server takes 12 us a request, the session's 12 + 34.9 + 26.6.
  expect(Math.abs(ratio.value - 12 / 73.5)).toBeLessThan(0.01)
  expect(ratio).toMatchObject({ method: 'restart-medians-log-t', unit: '' })
})

test('a slow restart with few responses is no reason to leave it out of a percentile', () => {
  const isSlow = ({ restart, variant, load }: Slice) =>
    restart === 0 && variant === 'session' && load.mode === 'unloaded'
  const p99 = (share: number) => {
    const slices = results.slices.map((slice) =>
      isSlow(slice)
        ? {
            ...slice,
            latency: drawnHistogram(10, 900, 0.25, Math.round(share * slice.requests), createRandom(1, 'slow')),
          }
        : slice,
    )
    return find(estimate({ ...results, slices }).estimates, {
      metric: 'latencyUs',
      kind: 'absolute',
      mode: 'unloaded',
      variant: 'session',
      quantile: 0.99,
    })
  }
  // A fifth of its responses are fewer than ten beyond it; the restarts have four times as many on average.
  expect(p99(0.2).restarts).toBe(p99(1).restarts)
})

test('percentiles without enough responses are absent with the reason', () => {
  const missing = results.absent.find(
    ({ metric, quantile, load, variant }) =>
      metric === 'latencyUs' && quantile === 0.999 && load.mode === 'unloaded' && variant === 'session',
  )
  expect(missing?.reason).toMatch(/of a restart lie beyond it/)
  const present = { metric: 'latencyUs', kind: 'absolute', mode: 'unloaded', variant: 'session' } as const
  expect(find(results.estimates, { ...present, quantile: 0.99 }).value).toBeGreaterThan(0)
  expect(() => find(results.estimates, { ...present, quantile: 0.999 })).toThrow('no estimate')
})

test('two restarts give no interval anywhere, and each figure says why', () => {
  const { estimates, absent } = exampleResults({ restarts: 2 })
  expect(estimates).toEqual([])
  expect(absent.find(({ variant, metric }) => variant === 'session' && metric === 'appCpuUsPerRequest')?.reason).toBe(
    '2 of at least 3 restarts can be used',
  )
})

test('candidates of different sets are held against their own controls and never against each other', () => {
  const slices = results.slices.flatMap((slice) => {
    if (slice.role !== 'candidate') return [slice, { ...slice, set: 1 }]
    return [slice.variant === 'jwt:alg=ES256' ? { ...slice, set: 1 } : slice]
  })
  const { estimates, absent } = estimate({ ...results, slices })
  expect(find(estimates, { ...appCost, variant: 'jwt:alg=ES256' }).restarts).toBe(6)
  expect(estimates.some(({ variant, baseline }) => variant === 'jwt:alg=ES256' && baseline === 'session')).toBe(false)
  expect(
    absent.find(({ variant, metric }) => variant === 'jwt:alg=ES256' && metric === 'appCpuUsPerRequest')?.reason,
  ).toBe('cost over session: it was never measured in the same restart as session')
})

test('without database CPU the total is absent for everyone', () => {
  const { estimates, absent } = exampleResults({ restarts: 3, databaseCpu: false })
  expect(estimates.some(({ metric }) => metric === 'totalCpuUsPerRequest')).toBe(false)
  expect(absent.find(({ metric }) => metric === 'totalCpuUsPerRequest')?.reason).toBe(
    'not a superuser of this Postgres',
  )
})

test('nothing measured gives nothing, and no error', () => {
  expect(estimate({ ...results, slices: [], warmUps: [] })).toEqual({
    coreSpeed: { absent: "the speed of the servers' cores was not sampled" },
    estimates: [],
    absent: [],
    noiseBands: [],
    warnings: [],
  })
})
