import { describe, expect, it } from 'vitest'
import { AuthcostError } from '../../servers/contract/errors.ts'
import type { PlanInput } from './input.ts'
import { orderOfSets, roundsOf } from './order.ts'
import { makePlan, plannedVariants } from './plan.ts'
import { predictSeconds } from './predict.ts'
import { profiles } from './profile.ts'

/** What `makePlan` complains about. */
function complaint(input: PlanInput): AuthcostError {
  try {
    makePlan(input)
  } catch (error) {
    if (error instanceof AuthcostError) return error
    throw error
  }
  throw new Error('It was accepted.')
}

describe('what a user asks for', () => {
  it.each<[PlanInput, string, RegExp]>([
    [{ restarts: 0 }, 'restarts', /at least 1/],
    [{ restarts: 'many' }, 'restarts', /whole number/],
    [{ rounds: 2.5 }, 'rounds', /whole number/],
    [{ slice: '10ms' }, 'slice', /at least 50ms/],
    [{ slice: 'a while' }, 'slice', /duration such as/],
    [{ connections: 5000 }, 'connections', /at most 4096/],
    [{ users: 1 }, 'users', /at least 2/],
    [{ sessions: '1', users: 2 }, 'sessions', /at least 2/],
    [{ zipf: 4 }, 'zipf', /3/],
    [{ seed: -1 }, 'seed', /at least 0/],
    [{ precision: '3' }, 'precision', /1us or 5%/],
    [{ precision: '1us', maxTime: '1s' }, 'maxTime', /at least 10s/],
  ])('is refused with the field, its value and what is possible: %j', (input, field, possible) => {
    const error = complaint(input)
    expect(error.message).toMatch(new RegExp(`^${field}\\b`))
    expect(error.message).toContain(JSON.stringify(Object.entries(input).find(([name]) => name === field)?.[1]))
    expect(error.message).toMatch(possible)
    expect(error.exitCode).toBe(2)
  })

  it('is refused without repeating an address, which may hold a password', () => {
    const { message } = complaint({ postgres: 'postgre://me:s3cret@db/app' })
    expect(message).toMatch(/^postgres\b.*auto, container, embedded/)
    expect(message).not.toContain('s3cret')
  })

  it('is refused with the known fields where it names an unknown one', () => {
    const unknown: Record<string, unknown> = { restart: 3 }
    expect(complaint(unknown).message).toMatch(/"restart".*Known: .*restarts/)
  })

  it.each<[PlanInput, RegExp]>([
    [{ users: 500, sessions: 100 }, /--users 500 is more than --sessions 100/],
    [{ rate: 26 }, /26 requests\/s is too low: .*3 s.* at least 27/],
    [{ vary: ['rate=500,20'] }, /20 requests\/s is too low/],
    [{ redis: 'redis://cache:6379', redisImage: 'redis:7' }, /leave one out/],
    [{ rate: 500, vary: ['rate=1000,2000'] }, /--rate 500 is not measured.*--vary rate=500,1000,2000/],
    [{ sessions: 50_000, vary: ['sessions=6000,9000'] }, /--sessions 50000 is not measured/],
    [{ sessions: 100_000, vary: ['sessions=6000,9000'] }, /--sessions 100000 is not measured/],
    [{ dbDelay: '1ms', vary: ['dbDelay=2ms'] }, /given twice/],
    [{ profile: 'quick', precision: '1us' }, /never stops by what it sees/],
    [{ variants: ['none'] }, /Nothing to measure/],
    [{ variants: ['sesion'] }, /sesion/],
  ])('is refused where parts do not go together: %j', (input, message) => {
    expect(complaint(input).message).toMatch(message)
  })

  it('may write durations and numbers as they are typed', () => {
    const plan = makePlan({ slice: '0.5s', restarts: '5', precision: '1us', maxTime: '2m' })
    expect(plan.loads[0]?.sliceMs).toBe(500)
    expect([plan.restarts, plan.maxTimeMs]).toEqual([5, 120_000])
  })

  it('is limited in time where that is asked for, and where the profile is taken as it is', () => {
    const limitOf = (input: Parameters<typeof makePlan>[0]) => {
      const { maxTimeMs, leastRestarts } = makePlan(input)
      return { maxTimeMs, leastRestarts }
    }
    expect(limitOf({})).toEqual({ maxTimeMs: 360_000, leastRestarts: 6 })
    const others: Parameters<typeof makePlan>[0][] = [
      { restarts: 10 },
      { variants: ['session'] },
      { profile: 'quick' },
      { profile: 'thorough' },
    ]
    for (const input of others) expect(limitOf(input).maxTimeMs).toBeUndefined()
    expect(limitOf({ maxTime: '2m' })).toEqual({ maxTimeMs: 120_000, leastRestarts: 3 })
    expect(limitOf({ profile: 'quick', maxTime: '40s' })).toEqual({ maxTimeMs: 40_000, leastRestarts: 3 })
    expect(makePlan({}).profile).toBe('standard')
    expect(makePlan({ maxTime: '2m' }).profile).toBe('custom')
  })

  it('never names a variant twice, and never the control as a candidate', () => {
    const plan = makePlan({ variants: ['session', 'none', 'session', 'jwt:verifier=jose,alg=ES256', 'jwt:alg=ES256'] })
    expect(plannedVariants(plan).map(({ key }) => key)).toEqual(['none', 'none#twin', 'session', 'jwt:alg=ES256'])
  })

  it('is measured in sets of at most eight servers, each with a control and a twin', () => {
    const variants = Array.from({ length: 13 }, (_, index) => `synthetic:cpu=${index + 1}us`)
    const { sets } = makePlan({ variants })
    expect(sets.map((set) => set.length)).toEqual([8, 8, 3])
    for (const set of sets) expect(set.map(({ role }) => role).slice(0, 2)).toEqual(['control', 'twin'])
  })
})

describe('the table of profiles', () => {
  it.each(profiles)('$name: a plan measures what its row says', (profile) => {
    const plan = makePlan({ profile: profile.name, seed: 1 })
    expect(plan.profile).toBe(profile.name)
    expect(plan.restarts).toBe(profile.restarts)
    expect(plannedVariants(plan).map(({ key }) => key)).toEqual(['none', 'none#twin', ...profile.variants])
    const rounds = roundsOf(plan, 0, 0)
    const of = (mode: string) => rounds.filter(({ load }) => load.mode === mode)
    expect(of('saturation')).toHaveLength(profile.rounds)
    expect(of('fixed-rate')).toHaveLength(profile.fixedRate.rounds * profile.fixedRate.rates.length)
    expect(of('unloaded')).toHaveLength(profile.unloaded.rounds)
    for (const { load } of of('saturation')) expect(load.sliceMs).toBe(profile.sliceMs)
    for (const { load } of of('fixed-rate')) expect(load.sliceMs).toBe(profile.fixedRate.sliceMs)
    for (const { order } of rounds) expect(order).toHaveLength(profile.variants.length + 2)
  })

  it('predicts more time for a profile that measures more, and for more of the same', () => {
    const seconds = (input: PlanInput) => predictSeconds(makePlan({ seed: 1, ...input }))
    expect(seconds({ profile: 'quick' })).toBeLessThan(seconds({ profile: 'standard' }))
    expect(seconds({ profile: 'standard' })).toBeLessThan(seconds({ profile: 'thorough' }))
    // Sign-ins are asked for in four restarts only.
    const ofRestarts = (restarts: number) => seconds({ restarts, lifecycle: 'off' })
    expect(ofRestarts(20)).toBeGreaterThan(1.8 * ofRestarts(10))
  })

  it('predicts longer slices where responses come slowly: at a low rate, unloaded far from the database, bad ones too', () => {
    const seconds = (input: PlanInput) =>
      predictSeconds(makePlan({ seed: 1, restarts: 10, lifecycle: 'off', variants: ['session'], ...input }))
    // 10 restarts of 4 rounds of 3 variants, 0.8 s in place of 0.25 s.
    expect(seconds({ rate: 100 }) - seconds({ rate: 2000 })).toBeCloseTo(10 * 4 * 3 * 0.55)
    expect(seconds({ rate: 400 })).toBeCloseTo(seconds({ rate: 2000 }))
    // At most 10 connections over 50 ms: some 200 a second, of which the default rate is half, as at a rate of 99.
    const far = { vary: ['dbDelay=50ms'] }
    expect(seconds({ ...far, rate: 99 })).toBeCloseTo(seconds(far))
    // With one connection 20 a second: 3 s in place of 0.25 s.
    const unloaded = (input: PlanInput) => {
      const plan = makePlan({ seed: 1, restarts: 10, lifecycle: 'off', variants: ['session'], rate: 2000, ...input })
      const without = { ...plan, loads: plan.loads.filter(({ mode }) => mode !== 'unloaded') }
      return predictSeconds(plan) - predictSeconds(without)
    }
    expect(unloaded({})).toBeCloseTo(10 * 3 * 0.27)
    expect(unloaded(far)).toBeGreaterThan(10 * 3)
  })

  it('counts the filling of large tables, of each size and layout', () => {
    const more = (input: PlanInput) =>
      predictSeconds(makePlan({ seed: 1, profile: 'quick', variants: ['session'], ...input })) -
      predictSeconds(makePlan({ seed: 1, profile: 'quick', variants: input.variants ?? ['session'] }))
    const million = more({ sessions: 1_100_000 })
    expect(million).toBeGreaterThan(0)
    expect(more({ sessions: 9_100_000 })).toBeCloseTo(9 * million)
    expect(more({ variants: ['jwt:alg=HS256'], sessions: 10_000_000 })).toBe(0)
    // The second layout has a table of its own, which the default of one table does not hold.
    const layouts = { variants: ['session', 'session:hash=plain'] }
    expect(more({ ...layouts, sessions: 1_100_000 })).toBeCloseTo(2 * million)
    // Sizes: rounds of their own come on top of the filling.
    expect(more({ vary: ['sessions=1000000,9100000'] })).toBeGreaterThan(10 * million)
  })

  it('is named custom as soon as anything is measured otherwise', () => {
    expect(makePlan({ profile: 'quick', rounds: 2 }).profile).toBe('custom')
    expect(makePlan({ profile: 'quick', out: 'elsewhere', seed: 4 }).profile).toBe('quick')
  })
})

describe('the order of measuring', () => {
  const plan = makePlan({ seed: 42 })
  const keys = (seed: number, restart: number): string[][] =>
    roundsOf({ ...plan, seed }, 0, restart).map(({ order }) => order.map(({ key }) => key))

  it('is the same for the same seed, and another for another', () => {
    expect(keys(42, 3)).toEqual(keys(42, 3))
    expect(keys(42, 3)).not.toEqual(keys(43, 3))
  })

  it('is drawn for each round and restart, every variant once', () => {
    expect(new Set(keys(42, 0).map(String)).size).toBeGreaterThan(1)
    expect(keys(42, 0)).not.toEqual(keys(42, 1))
    for (const order of keys(42, 5))
      expect([...order].sort()).toEqual(
        plannedVariants(plan)
          .map(({ key }) => key)
          .sort(),
      )
  })

  it('of a round does not hang on how many restarts there are', () => {
    const longer = makePlan({ seed: 42, restarts: 99 })
    expect(roundsOf(longer, 0, 2).map(({ order }) => order.map(({ key }) => key))).toEqual(keys(42, 2))
  })

  it('puts no variant in one place more often than chance does', () => {
    const [first, ...others] = plannedVariants(plan)
    let leading = 0
    for (let restart = 0; restart < 500; restart++) if (keys(42, restart)[0]?.[0] === first?.key) leading++
    // 500 draws with a chance of 1 in 7: 71, SD 8.
    expect(leading).toBeGreaterThan(40)
    expect(leading).toBeLessThan(105)
    expect(others.length).toBe(6)
  })

  it('changes between sets as well', () => {
    const wide = makePlan({
      seed: 1,
      variants: Array.from({ length: 20 }, (_, index) => `synthetic:cpu=${index + 1}us`),
    })
    const orders = Array.from({ length: 20 }, (_, restart) => orderOfSets(wide, restart))
    expect(new Set(orders.map(String)).size).toBeGreaterThan(1)
    for (const order of orders) expect([...order].sort()).toEqual([0, 1, 2, 3])
  })
})
