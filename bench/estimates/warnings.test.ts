import { expect, test } from 'vitest'
import type { Slice } from '../record/slice.ts'
import { estimate } from './estimate.ts'
import { fixtureVariants } from './plan.fixture.ts'
import { exampleResults } from './slice.fixture.ts'

const results = exampleResults({ restarts: 6, otherRounds: 3 })

const codesAfter = (edit: (slice: Slice) => Slice) =>
  estimate({ ...results, slices: results.slices.map(edit) }).warnings.map(({ code, severity }) => `${code} ${severity}`)

const plusCpu = (slice: Slice, us: number): Slice => ({
  ...slice,
  app: { ...slice.app, cpuUs: slice.app.cpuUs + us * slice.requests },
})

test('a quiet run gives no high warning', () => {
  expect(results.warnings.filter(({ severity }) => severity === 'high')).toEqual([])
})

test('a run of which more than a fifth is doubtful says so, with the reasons', () => {
  const { warnings } = exampleResults({ restarts: 6, otherRounds: 3, doubtfulShare: 0.3 })
  expect(warnings[0]).toMatchObject({ code: 'too-many-doubtful', severity: 'high' })
  expect(warnings[0]?.message).toMatch(/steal \d+/)
})

test('a twin that differs by more than 1 us is a high warning, by less it is none', () => {
  expect(codesAfter((slice) => (slice.role === 'twin' ? plusCpu(slice, 3) : slice))).toContain('twin-differs high')
  const slightly = codesAfter((slice) =>
    slice.role === 'twin' && slice.load.mode === 'saturation' ? plusCpu(slice, 0.6) : slice,
  )
  expect(slightly).not.toContain('twin-differs high')
})

test('without a twin there is no noise band and no verdict', () => {
  const slices = results.slices.filter(({ role }) => role !== 'twin')
  const plan = { ...results.plan, variants: results.plan.variants.filter(({ role }) => role !== 'twin') }
  const { warnings, estimates, noiseBands } = estimate({ ...results, plan, slices })
  expect(warnings.map(({ code }) => code)).toContain('no-noise-band')
  expect(noiseBands).toEqual([])
  expect(estimates.some(({ verdict }) => verdict !== undefined)).toBe(false)
})

test('a rare cost that medians hide shows in the total, and is said', () => {
  const costly = codesAfter((slice) =>
    slice.variant === 'session' && slice.load.mode === 'saturation' && slice.round === 0 ? plusCpu(slice, 40) : slice,
  )
  expect(costly).toContain('total-differs-from-median low')
})

test('many servers that were not steady are said', () => {
  const warmUps = results.warmUps.map((warmUp) => ({ ...warmUp, steady: false }))
  expect(estimate({ ...results, warmUps }).warnings.map(({ code }) => code)).toContain('warm-up-not-steady')
})

test('a variant whose cost falls within each start is said; one that does so with the twin, or in one start, is not', () => {
  const early = ({ load, round }: Slice) => load.mode === 'saturation' && round === 0
  const dearer = (slice: Slice): Slice => plusCpu(slice, (0.5 * slice.app.cpuUs) / slice.requests)
  const cold = (slice: Slice) => early(slice) && slice.variant === 'session'
  expect(codesAfter((slice) => slice)).not.toContain('still-settling low')
  expect(codesAfter((slice) => (cold(slice) ? dearer(slice) : slice))).toContain('still-settling low')
  const withTwin = (slice: Slice) => early(slice) && slice.role !== 'control'
  expect(codesAfter((slice) => (withTwin(slice) ? dearer(slice) : slice))).not.toContain('still-settling low')
  const once = (slice: Slice) => cold(slice) && slice.restart === 0
  expect(codesAfter((slice) => (once(slice) ? dearer(slice) : slice))).not.toContain('still-settling low')
})

test('a ranking that the load turns round is said in words; one within the noise is not', () => {
  const turned = fixtureVariants.map((variant) =>
    variant.id === 'jwt:alg=HS256' ? { ...variant, appSaturationUs: 20, appFixedRateUs: 60 } : variant,
  )
  const { warnings } = exampleResults({ restarts: 6, otherRounds: 3, variants: turned })
  const [warning] = warnings.filter(({ code }) => code === 'ranking-differs-between-loads')
  expect(warning?.message).toBe(
    'In app CPU, JWT HS256 is cheaper than Session at saturation (10 connections), but dearer at 2,000 requests/s.',
  )
  expect(results.warnings.map(({ code }) => code)).not.toContain('ranking-differs-between-loads')
})

test('a ranking by a total that holds an auth service names it', () => {
  const turned = fixtureVariants.map((variant) =>
    variant.id === 'jwt:alg=HS256' ? { ...variant, appSaturationUs: 20, appFixedRateUs: 140 } : variant,
  )
  const record = exampleResults({ restarts: 6, otherRounds: 3, variants: turned, estimated: false })
  const slices = record.slices.map(
    (slice): Slice =>
      slice.variant === 'session' ? { ...slice, processes: [{ role: 'issuer', cpuUs: slice.requests }] } : slice,
  )
  const messages = estimate({ ...record, slices }).warnings.map(({ message }) => message)
  expect(messages.filter((message) => message.startsWith('In app and'))[0]).toMatch(
    /^In app and database CPU together \(with auth service\), JWT HS256 is cheaper than Session at saturation/,
  )
})

test('a machine whose speed changes between restarts is said, one that keeps it is not', () => {
  const slowedDown = results.slices.map((slice) =>
    slice.restart < 3 ? slice : { ...slice, app: { ...slice.app, cpuUs: slice.app.cpuUs * 1.4 } },
  )
  const codes = (slices: typeof results.slices) => estimate({ ...results, slices }).warnings.map(({ code }) => code)
  expect(codes(slowedDown)).toContain('speed-varied')
  expect(codes(results.slices)).not.toContain('speed-varied')
})

test('a sweep whose restarts differ in their loads is not taken for a machine that changes its speed', () => {
  // One connection costs the control twice as much; the second half of the restarts has lost most of such slices.
  const swept = results.slices
    .filter(({ load }) => load.mode === 'saturation')
    .flatMap((slice): typeof results.slices => {
      const single = {
        ...slice,
        load: { mode: 'saturation' as const, connections: 1 },
        app: { ...slice.app, cpuUs: slice.app.cpuUs * 2 },
      }
      return slice.restart < 3 || slice.round === 0 ? [slice, single, { ...single, round: slice.round + 100 }] : [slice]
    })
  const warnings = estimate({ ...results, slices: swept }).warnings.map(({ code }) => code)
  expect(warnings).not.toContain('speed-varied')
})

test('a control that the driver could not keep busy is said, unless a sweep leaves servers idle on purpose', () => {
  const idle = results.slices.map((slice) =>
    slice.role !== 'candidate' && slice.load.mode === 'saturation'
      ? { ...slice, durationMs: slice.app.cpuUs / 1000 / 0.6 }
      : slice,
  )
  const said = (given: typeof results) => estimate(given).warnings.find(({ code }) => code === 'control-not-saturated')
  expect(said({ ...results, slices: idle })?.message).toContain('only 60 % of a core')
  const busy = idle.map((slice) => ({ ...slice, durationMs: slice.app.cpuUs / 1000 / 0.9 }))
  expect(said({ ...results, slices: busy })).toBeUndefined()
  const variants = results.plan.variants.map((variant) => ({ ...variant, deployment: { poolSize: 2 } }))
  expect(said({ ...results, plan: { ...results.plan, variants }, slices: idle })).toBeUndefined()
})
