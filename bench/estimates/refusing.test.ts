import { describe, expect, it } from 'vitest'
import type { BadKind, BadTraffic, Load, Slice } from '../record/slice.ts'
import { falseAnswers } from './false-answers.ts'
import { refusingCosts } from './refusing.ts'
import { exampleResults } from './slice.fixture.ts'

const saturation: Load = { mode: 'saturation', connections: 10 }
const onlyBad: Load = { mode: 'bad-traffic', connections: 10, badShare: 1 }
const right: BadTraffic = { requests: 100, falseAccepts: 0, acceptedKinds: [], wrongRefusals: 0, falseRefusals: 0 }
const [example] = exampleResults({ restarts: 1, rounds: 1, estimated: false }).slices
if (example === undefined) throw new Error('The fixture made no slice.')

/** A slice of 100 requests that cost so much each. */
function slice(load: Load, restart: number, round: number, costUs: number, more: Partial<Slice> = {}): Slice {
  if (example === undefined) throw new Error('The fixture made no slice.')
  return {
    ...example,
    variant: 'session',
    load,
    restart,
    round,
    requests: 100,
    app: { ...example.app, cpuUs: 100 * costUs },
    ...(load.mode === 'bad-traffic' ? { badTraffic: right } : {}),
    doubts: [],
    ...more,
  }
}

const restarts = [0, 1, 2, 3]
const rounds = [0, 1, 2]
/** Refusing takes 7 us less; the machine's speed drifts by far more. */
const made = restarts.flatMap((restart) =>
  rounds.flatMap((round) => {
    const drift = 10 * restart + 3 * round
    return [slice(saturation, restart, round, 40 + drift), slice(onlyBad, restart, round, 33 + drift)]
  }),
)

const costsOf = (slices: readonly Slice[]) => refusingCosts({ slices, environment: {} })

describe('what refusing costs', () => {
  it('is the difference within a round, so that drift between rounds and restarts does not matter', () => {
    const [cost] = costsOf(made)
    expect(cost).toMatchObject({ variant: 'session', app: { restarts: 4, rounds: 12 } })
    if (cost === undefined || 'absent' in cost.app) throw new Error('absent')
    expect(cost.app.value).toBeCloseTo(-7)
    expect(cost.app.high - cost.app.low).toBeCloseTo(0)
  })

  it('leaves a doubtful slice out together with its partner', () => {
    const doubt = { code: 'steal' as const, detail: '' }
    const wild = made.map((one) =>
      one.round === 1 && one.load.mode === 'saturation' ? { ...one, doubts: [doubt] } : one,
    )
    expect(costsOf(wild)[0]?.app).toMatchObject({ rounds: 8 })
  })

  it('is found again in mixed traffic, where its parts add up', () => {
    const share: Load = { mode: 'bad-traffic', connections: 10, badShare: 0.2 }
    const badTraffic = { ...right, requests: 20 }
    const mixedAt = (extraUs: number) =>
      costsOf([
        ...made,
        ...restarts.flatMap((restart) =>
          rounds.map((round) =>
            slice(share, restart, round, 0.8 * 40 + 0.2 * 33 + 10 * restart + 3 * round + extraUs, { badTraffic }),
          ),
        ),
      ])[0]?.mixed
    expect(mixedAt(0)).toMatchObject({ value: expect.closeTo(0), rounds: 12 })
    expect(mixedAt(2)).toMatchObject({ value: expect.closeTo(2) })
    expect(costsOf(made)[0]?.mixed).toEqual({ absent: 'nothing was mixed' })
  })

  it('is told of each kind by itself, apart from the mix of all', () => {
    const only = (kind: BadKind): Load => ({ mode: 'bad-traffic', connections: 10, badShare: 1, kind })
    const byKind = made.flatMap((one) =>
      one.load.mode === 'saturation'
        ? [one, slice(only('revoked'), one.restart, one.round, one.app.cpuUs / 100 - 2)]
        : [one, slice(only('absent'), one.restart, one.round, one.app.cpuUs / 100 + 7 - 12)],
    )
    const [cost] = costsOf(byKind)
    expect(cost?.app).toMatchObject({ value: expect.closeTo(-7), rounds: 12 })
    expect(cost?.kinds).toMatchObject([
      { kind: 'absent', app: { value: expect.closeTo(-12), rounds: 12 } },
      { kind: 'revoked', app: { value: expect.closeTo(-2), rounds: 12 } },
    ])
    expect(costsOf(made)[0]?.kinds).toEqual([])
  })

  it('is there with one planned round, although rounds without bad traffic were added to it', () => {
    const planned = made.filter(({ round }) => round === 0)
    const added = [slice(saturation, 1, 1, 50, { further: true }), slice(saturation, 1, 2, 50, { further: true })]
    expect(costsOf([...planned, ...added])[0]?.app).toMatchObject({ value: expect.closeTo(-7), rounds: 4 })
  })

  it('is told of the database apart, and absent where its CPU could not be read', () => {
    const database = (cpuUs: number) => ({ database: { cpuUs, backends: 2, helpersCpuUs: 0 } })
    const withDatabase = made.map((one) => ({ ...one, ...database(one.load.mode === 'saturation' ? 2000 : 1500) }))
    expect(costsOf(withDatabase)[0]?.database).toMatchObject({ value: expect.closeTo(-5) })
    const unread = made.map((one) => ({ ...one, database: { absent: 'not allowed' } }))
    expect(costsOf(unread)[0]?.database).toEqual({ absent: 'not allowed' })
  })

  it('is absent with too few restarts, and not there without such slices', () => {
    expect(costsOf(made.filter(({ restart }) => restart < 2))[0]?.app).toHaveProperty('absent')
    expect(costsOf(made.filter(({ load }) => load.mode === 'saturation'))).toEqual([])
  })
})

describe('a run in which refusing was wrong', () => {
  const loud = (badTraffic: BadTraffic) => falseAnswers([...made, slice(onlyBad, 0, 0, 1, { badTraffic })])

  it('is loud after a single false accept, and says what was accepted', () => {
    expect(falseAnswers(made)).toEqual([])
    const [warning] = loud({ ...right, falseAccepts: 1, acceptedKinds: ['revoked'] })
    expect(warning).toMatchObject({ code: 'false-accept', severity: 'high', variant: 'session' })
    expect(warning?.message).toContain('1 of 1,300 bad credentials')
    expect(warning?.message).toContain('revoked')
  })

  it('is loud after a single false refusal, or an answer that is neither', () => {
    expect(loud({ ...right, falseRefusals: 1 })).toMatchObject([{ code: 'false-refusal', severity: 'high' }])
    const [wrong] = loud({ ...right, wrongRefusals: 1 })
    expect(wrong).toMatchObject({ code: 'wrong-refusal', severity: 'high' })
    // A 401 of something else counts as well.
    expect(wrong?.message).toContain("nor with the application's own 401.")
  })
})
