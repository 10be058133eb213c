import { describe, expect, it, test } from 'vitest'
import type { CoreSpeedAdjustment } from '../record/core-speed.ts'
import type { EnvironmentRecord } from '../record/environment.ts'
import type { LoadMode, Slice } from '../record/slice.ts'
import { createRandom } from '../statistics/random.ts'
import { atReferenceSpeed } from './at-reference-speed.ts'
import { disturbed } from './core-speed.fixture.ts'
import { coreSpeedOf } from './core-speed.ts'
import { estimate } from './estimate.ts'
import { exampleResults } from './slice.fixture.ts'
import { withSpeedError } from './speed-error.ts'

const results = exampleResults({ restarts: 10, rounds: 4 })

const adjustmentOf = (slices: readonly Slice[]): CoreSpeedAdjustment => {
  const found = coreSpeedOf({ slices, environment: {} })
  if ('absent' in found) throw new Error(found.absent)
  return found
}

const costOf = (slices: readonly Slice[], variant: string, metric = 'appCpuUsPerRequest') => {
  const { estimates } = estimate({ ...results, slices: [...slices] })
  const found = estimates.find(
    (one) => one.variant === variant && one.metric === metric && one.kind === 'cost' && one.load.mode === 'saturation',
  )
  if (found === undefined) throw new Error(`no cost of ${variant}`)
  return found
}

const speedWarning = (slices: readonly Slice[]): string | undefined =>
  estimate({ ...results, slices: [...slices] }).warnings.find(({ code }) => code === 'speed-varied')?.message

const withoutReading = (slices: readonly Slice[]): Slice[] => slices.map(({ coreSpeed: _, ...slice }) => slice)

describe('a machine that is slower for a while', () => {
  const slices = disturbed(results.slices)

  it('is told from the slices: CPU grows by a per cent for each that the work takes longer', () => {
    const { referenceWorkUs, slowWorkUs, loads } = adjustmentOf(slices)
    expect(referenceWorkUs).toBeGreaterThan(44)
    expect(referenceWorkUs).toBeLessThan(50)
    expect(slowWorkUs).toBeGreaterThan(60)
    const saturation = loads.find(({ mode }) => mode === 'saturation')
    expect(saturation?.slope).toBeGreaterThan(0.85)
    expect(saturation?.slope).toBeLessThan(1.15)
    expect(saturation?.explained).toBeGreaterThan(0.5)
  })

  it('gives the costs of the undisturbed run, with much narrower intervals than as they were read', () => {
    for (const [variant, metric] of [
      ['session', 'appCpuUsPerRequest'],
      ['session', 'databaseCpuUsPerRequest'],
      ['jwt:alg=HS256', 'appCpuUsPerRequest'],
    ] as const) {
      const [truth, read, adjusted] = [
        costOf(results.slices, variant, metric),
        costOf(withoutReading(slices), variant, metric),
        costOf(slices, variant, metric),
      ]
      expect(adjusted.high - adjusted.low).toBeLessThan(0.5 * (read.high - read.low))
      expect(Math.abs(adjusted.value - truth.value)).toBeLessThan(0.06 * truth.value)
    }
  })

  it('leaves the database as it was read where it stands on other cores', () => {
    const apart = disturbed(results.slices, { sharedCores: false })
    const [before, after] = [apart, atReferenceSpeed({ slices: apart, environment: {} })]
    expect(after.map(({ database }) => database)).toEqual(before.map(({ database }) => database))
    expect(after.map(({ app }) => app.cpuUs)).not.toEqual(before.map(({ app }) => app.cpuUs))
  })

  it('changes nothing but CPU time', () => {
    const adjusted = atReferenceSpeed({ slices, environment: {} })
    const rest = ({ requests, latency, durationMs, doubts, driver }: Slice) => ({
      requests,
      latency,
      durationMs,
      doubts,
      driver,
    })
    expect(adjusted.map(rest)).toEqual(slices.map(rest))
    const unloaded = ({ load }: Slice) => load.mode === 'unloaded'
    expect(adjusted.filter(unloaded)).toEqual(slices.filter(unloaded))
  })
})

test('a probe that says nothing of the cost changes next to nothing', () => {
  const random = createRandom(3, 'noise')
  const slices = results.slices.map((slice) => ({
    ...slice,
    coreSpeed: {
      workUs: 49 * Math.exp(0.03 * random.normal()),
      fastestWorkUs: 48,
      samples: 48,
      probeCpuUs: 2500,
      sharedCores: true,
    },
  }))
  const [with_, without] = [costOf(slices, 'session'), costOf(results.slices, 'session')]
  expect(Math.abs(with_.value / without.value - 1)).toBeLessThan(0.02)
})

test('the warning of a machine whose speed changed says what was done, and where it went far', () => {
  const slowedDown = (by: number, from = 6) =>
    results.slices.map((slice) => {
      const slowness = slice.restart < from ? 1 : by
      return {
        ...slice,
        app: { ...slice.app, cpuUs: slice.app.cpuUs * slowness },
        coreSpeed: {
          workUs: 49 * slowness,
          fastestWorkUs: 48 * slowness,
          samples: 48,
          probeCpuUs: 2500,
          sharedCores: true,
        },
      }
    })
  expect(speedWarning(slowedDown(1.4))).toContain('put at the speed that its cores have while nobody disturbs them')
  expect(speedWarning(slowedDown(1.4))).not.toContain('wrong by in common')
  expect(speedWarning(slowedDown(1.8, 2))).toMatch(
    /What all figures of CPU may be wrong by in common, up to [\d.]+ % of each, is in their intervals/,
  )
  expect(speedWarning(withoutReading(slowedDown(1.4)))).toContain('The intervals hold this')
})

test('what figures may be wrong by in common widens their intervals, and those of larger figures by more', () => {
  const slices = disturbed(results.slices, { probeNoise: 0.1 })
  const [load] = adjustmentOf(slices).loads
  expect(load?.commonError).toBeGreaterThan(0.005)
  expect(load?.commonError).toBeLessThan(0.1)
  const adjustment = adjustmentOf(slices)
  const interval = {
    value: 80,
    low: 77,
    high: 83,
    confidence: 0.95,
    p: 0.001,
    restarts: 10,
    rounds: 40,
    dropped: 0,
    restartSd: 4,
  }
  const share = 0.05
  const without = adjustment.loads.map(({ variants: _, ...one }) => ({ ...one, commonError: share }))
  const sizes = new Map([
    ['a', 100],
    ['none', 20],
    ['none#twin', 20],
  ])
  const of = (variant: string, kind: 'absolute' | 'cost' | 'ratio' = 'cost', mode: LoadMode = 'saturation') => ({
    ...{ mode, kind, variant },
    baseline: kind === 'absolute' ? undefined : 'none',
    absolute: (id: string) => sizes.get(id),
  })
  const inCommon = { ...adjustment, loads: without }
  const { value, low, high, p } = withSpeedError(interval, of('a'), inCommon)
  expect([value, p]).toEqual([80, 0.001])
  expect([high - 80, 80 - low]).toEqual([5, 5])
  // 0 is 0 at every speed: a twin's interval stays, and with it the noise band.
  const twin = { ...interval, value: 0, low: -3, high: 3 }
  expect(withSpeedError(twin, of('none#twin'), inCommon)).toEqual(twin)
  expect(withSpeedError(interval, of('a', 'cost', 'unloaded'), inCommon)).toEqual(interval)
  expect(withSpeedError(interval, of('a'), { absent: 'not sampled' })).toBe(interval)
  // What both sides have in common cancels out in a ratio.
  expect(withSpeedError(interval, of('a', 'ratio'), inCommon)).toEqual(interval)

  // The slopes of the two sides are known by themselves: each by so much of its own CPU, and it may cross 0.
  const control = { slope: 1, ownError: 0.1 }
  const variants = [
    { variant: 'a', slope: 1.2, ownError: 0.04 },
    { variant: 'none', ...control },
    { variant: 'none#twin', ...control },
  ]
  const apart = { ...adjustment, loads: without.map((one) => ({ ...one, commonError: 0, variants })) }
  const wide = withSpeedError(interval, of('a'), apart)
  expect(wide.high - 80).toBeCloseTo(Math.hypot(3, 0.04 * 100, 0.1 * 20), 10)
  expect(wide.p).toBeLessThan(1e-6)
  const near = withSpeedError({ ...interval, value: 4, low: 1, high: 7, p: 0.015 }, of('a'), apart)
  expect(near.low).toBeLessThan(0)
  expect(near.p).toBeGreaterThan(0.05)
  expect(withSpeedError(twin, of('none#twin'), apart)).toEqual(twin)
  expect(withSpeedError(interval, of('a', 'absolute'), apart).high - 80).toBeCloseTo(Math.hypot(3, 4), 10)
})

test('each kind of requests is put at one speed by its own slope, as far as it is known', () => {
  // A neighbour makes look-ups twice as dear as it makes signatures, by the same speed.
  const slices = disturbed(results.slices).map((slice) => {
    const { coreSpeed, app, variant } = slice
    if (coreSpeed === undefined || 'absent' in coreSpeed || variant !== 'session') return slice
    return { ...slice, app: { ...app, cpuUs: app.cpuUs * (coreSpeed.workUs / 48) ** 0.6 } }
  })
  const slopeOf = (variant: string) =>
    adjustmentOf(slices)
      .loads.find(({ mode }) => mode === 'saturation')
      ?.variants?.find((one) => one.variant === variant)?.slope ?? Number.NaN
  expect(slopeOf('session')).toBeGreaterThan(slopeOf('jwt:alg=ES256') + 0.4)
  expect(slopeOf('none#twin')).toBe(slopeOf('none'))
  const [truth, found] = [costOf(results.slices, 'session'), costOf(slices, 'session')]
  expect(Math.abs(found.value - truth.value)).toBeLessThan(0.07 * truth.value)
  const other = costOf(slices, 'jwt:alg=ES256')
  expect(Math.abs(other.value - costOf(results.slices, 'jwt:alg=ES256').value)).toBeLessThan(0.06 * other.value)
})

test('a slice without a reading stands as it was read', () => {
  const slices = disturbed(results.slices)
  const [first, ...others] = slices
  if (first === undefined) throw new Error('no slice')
  const blind: Slice = { ...first, coreSpeed: { absent: 'the speed probe ended' } }
  expect(atReferenceSpeed({ slices: [blind, ...others], environment: {} })[0]).toBe(blind)
})

test('without readings, or with too few, it says why, and slices stay as they are', () => {
  expect(coreSpeedOf(results)).toEqual({ absent: "the speed of the servers' cores was not sampled" })
  const few = disturbed(results.slices.slice(0, 20))
  expect(coreSpeedOf({ slices: few, environment: {} })).toEqual({
    absent: "too few slices to tell what the speed of the servers' cores does to CPU",
  })
  expect(atReferenceSpeed({ slices: few, environment: {} })).toBe(few)
})

test('doubtful slices have no say', () => {
  const slices = disturbed(results.slices)
  const spoilt = slices.map((slice, index) =>
    index % 5 === 0
      ? {
          ...slice,
          app: { ...slice.app, cpuUs: 50 * slice.app.cpuUs },
          doubts: [{ code: 'steal' as const, detail: 'stolen' }],
        }
      : slice,
  )
  expect(adjustmentOf(spoilt).loads[0]?.slope).toBeCloseTo(adjustmentOf(slices).loads[0]?.slope ?? 0, 0)
})

test('what a known cost burnt by the clock is as long on a slow core: it is no work, and stays as it is', () => {
  const burnt = results.slices.map((slice) => (slice.variant === 'session' ? 50 * slice.requests : 0))
  const slices = disturbed(results.slices).map((slice, index) => {
    const us = burnt[index] ?? 0
    const strategy: Record<string, number> = us === 0 ? {} : { syntheticCpuNs: us * 1000 }
    return { ...slice, app: { ...slice.app, cpuUs: slice.app.cpuUs + us, strategy } }
  })
  const [ofBurning, ofOthers] = [adjustmentOf(slices), adjustmentOf(disturbed(results.slices))]
  expect(ofBurning.loads[0]?.slope).toBeCloseTo(ofOthers.loads[0]?.slope ?? Number.NaN, 9)
  expect(ofBurning.loads[0]?.commonError).toBeCloseTo(ofOthers.loads[0]?.commonError ?? Number.NaN, 9)
  const [with_, without] = [costOf(slices, 'session'), costOf(disturbed(results.slices), 'session')]
  expect(with_.value - without.value).toBeCloseTo(50, 6)
})

describe('a run whose cores were slow from its first slice to its last', () => {
  // A neighbour who never goes: all samples take 60 % longer, the fastest as well, and so do all servers.
  const slowThroughout = disturbed(results.slices).map((slice) => {
    const { app, database, coreSpeed } = slice
    if (coreSpeed === undefined || 'absent' in coreSpeed || 'absent' in database) throw new Error('no reading')
    return {
      ...slice,
      app: { ...app, cpuUs: 1.6 * app.cpuUs },
      database: { ...database, cpuUs: 1.6 * database.cpuUs },
      coreSpeed: { ...coreSpeed, workUs: 1.6 * coreSpeed.workUs, fastestWorkUs: 1.6 * coreSpeed.fastestWorkUs },
    }
  })
  const costIn = (known: EnvironmentRecord['coreSpeed']) => {
    const environment = { ...results.environment, ...(known === undefined ? {} : { coreSpeed: known }) }
    const { estimates, warnings, coreSpeed } = estimate({ ...results, environment, slices: slowThroughout })
    const cost = estimates.find(
      (one) =>
        one.variant === 'session' &&
        one.metric === 'appCpuUsPerRequest' &&
        one.kind === 'cost' &&
        one.load.mode === 'saturation',
    )
    if (cost === undefined || coreSpeed === undefined || 'absent' in coreSpeed) throw new Error('no figure')
    return { cost, coreSpeed, warning: warnings.find(({ code }) => code === 'never-undisturbed') }
  }
  const truth = costOf(results.slices, 'session')
  const known = { undisturbedWorkUs: 48, runs: 4, slopes: [] }

  it('takes its own best for an undisturbed core where nothing else is known', () => {
    const { cost, coreSpeed, warning } = costIn(undefined)
    expect(coreSpeed.referenceWorkUs).toBe(coreSpeed.fastestWorkUs)
    expect(cost.low).toBeGreaterThan(1.3 * truth.value)
    expect(warning).toBeUndefined()
  })

  it('is put at the speed of earlier runs on the same cores, with an interval that holds the true cost, and says so', () => {
    const { cost, coreSpeed, warning } = costIn(known)
    expect(coreSpeed.referenceWorkUs).toBe(48)
    expect(coreSpeed.fastestWorkUs).toBeGreaterThan(70)
    expect(cost.low).toBeLessThan(truth.value)
    expect(cost.high).toBeGreaterThan(truth.value)
    expect(cost.high - cost.low).toBeGreaterThan(costIn(undefined).cost.high - costIn(undefined).cost.low)
    expect(warning?.severity).toBe('high')
    expect(warning?.message).toContain('48 us in earlier runs on this machine')
  })

  it('is not put at a speed that was slower than its own', () => {
    const { coreSpeed, warning } = costIn({ undisturbedWorkUs: 90, runs: 4, slopes: [] })
    expect(coreSpeed.referenceWorkUs).toBe(coreSpeed.fastestWorkUs)
    expect(warning).toBeUndefined()
  })
})
