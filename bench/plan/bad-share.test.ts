import { describe, expect, it, test } from 'vitest'
import { roundsOf } from './order.ts'
import { makePlan } from './plan.ts'
import { planFromFile, planToFile } from './plan-file.ts'
import type { PlannedLoad } from './planned-load.ts'

const plan = (badShare?: string | number) =>
  makePlan({ profile: 'quick', seed: 3, ...(badShare === undefined ? {} : { badShare }) })
const sharesOf = ({ loads }: ReturnType<typeof plan>) =>
  loads.flatMap((load) => (load.mode === 'bad-traffic' ? [load.badShare] : []))

test.each([
  ['10%', [0.1, 1]],
  ['0.1', [0.1, 1]],
  [0.25, [0.25, 1]],
  ['100%', [1]],
  [0, []],
] as const)('a bad share of %s is measured by itself and with nothing else', (given, shares) => {
  expect(sharesOf(plan(given))).toEqual(shares)
})

test.each(['101%', '-1', 'some', '', 2])('a bad share of "%s" is refused', (given) => {
  expect(() => plan(given)).toThrow(/badShare/)
})

test('bad traffic waits for as many responses as saturation, and may leave a server idle where that may', () => {
  const judged = (vary: readonly string[]) =>
    makePlan({ variants: ['session'], badShare: '10%', badKinds: true, vary: [...vary], seed: 1 }).loads.flatMap(
      (load) =>
        load.mode === 'saturation' || load.mode === 'bad-traffic' ? [[load.mayIdle, load.leastResponses]] : [],
    )
  expect(judged([])).toEqual(Array.from({ length: 7 }, () => [false, 1000]))
  expect(judged(['pool=2'])).toEqual(Array.from({ length: 7 }, () => [true, 1000]))
})

test('a plan file of before bad traffic was given these is read', () => {
  const file = JSON.parse(JSON.stringify(planToFile(plan('10%'))), (key, value: unknown) =>
    key === 'mayIdle' || key === 'leastResponses' ? undefined : value,
  )
  const { loads } = plan('10%')
  file.plan.loads = file.plan.loads.map((load: { mode: string }) =>
    load.mode === 'saturation' ? { ...load, mayIdle: false, leastResponses: 1000 } : load,
  )
  expect(planFromFile(file, { out: 'reports' }).loads).toEqual(
    loads.map((load) => (load.mode === 'bad-traffic' ? { ...load, leastResponses: 0 } : load)),
  )
})

test.each(['0.01%', '0.024%', 0.0002])(
  'a bad share of %s, of which a connection would send none, is refused',
  (given) => {
    expect(() => plan(given)).toThrow(/badShare .*at least 0\.025%/)
    expect(sharesOf(plan('0.025%'))).toEqual([0.00025, 1])
  },
)

test('without bad traffic a plan is what it was', () => {
  expect(sharesOf(plan())).toEqual([])
  expect(plan().profile).toBe('quick')
  expect(plan('10%').profile).toBe('custom')
})

describe('with --bad-kinds', () => {
  const byKind = makePlan({
    ...{ profile: 'quick', seed: 3, badShare: '10%', badKinds: true },
    variants: ['session', 'jwt:alg=ES256'],
  })
  const kindsIn = (loads: readonly PlannedLoad[]) =>
    loads.flatMap((load) => (load.mode === 'bad-traffic' ? [load.kind ?? load.badShare] : []))

  it('each kind that somebody has to refuse is measured by itself as well', () => {
    expect(kindsIn(byKind.loads)).toEqual([0.1, 1, 'absent', 'forged', 'expired', 'revoked'])
    expect(kindsIn(makePlan({ badShare: '100%', badKinds: true, variants: ['jwt'] }).loads)).toEqual([
      ...[1, 'absent', 'forged', 'expired'],
    ])
  })

  it('a kind is sent only to those who have to refuse it, in the round of the slice at saturation', () => {
    const rounds = roundsOf(byKind, 0, 0)
    const inFirst = rounds.filter(({ load, round }) => round === 0 && load.mode !== 'fixed-rate')
    expect(kindsIn(inFirst.map(({ load }) => load))).toEqual(kindsIn(byKind.loads))
    const sentTo = (kind: string) =>
      inFirst
        .filter(({ load }) => load.mode === 'bad-traffic' && load.kind === kind)
        .map(({ order }) => order.map(({ key }) => key).toSorted())
    expect(sentTo('absent')).toEqual([['jwt:alg=ES256', 'none', 'none#twin', 'session']])
    expect(sentTo('expired')).toEqual([['jwt:alg=ES256', 'session']])
    expect(sentTo('revoked')).toEqual([['session']])
  })

  it('is kept in the file that a run is continued from', () => {
    const file: unknown = JSON.parse(JSON.stringify(planToFile(byKind)))
    expect(planFromFile(file, { out: 'reports' }).loads).toEqual(byKind.loads)
  })

  it('needs a share to go with', () => {
    expect(() => makePlan({ badKinds: true })).toThrow(/--bad-kinds goes with --bad-share/)
  })
})

test('each round of bad traffic follows the same round without, and moves no other', () => {
  const rounds = roundsOf(plan('10%'), 0, 0)
  const saturated = rounds.filter(({ load }) => load.mode === 'saturation' || load.mode === 'bad-traffic')
  expect(saturated.map(({ load, round }) => [load.mode === 'bad-traffic' ? load.badShare : 0, round])).toEqual(
    [0, 1, 2].flatMap((round) => [
      [0, round],
      [0.1, round],
      [1, round],
    ]),
  )
  const orderOf = (one: (typeof rounds)[number]) => [one.load.mode, one.round, one.order.map(({ key }) => key)]
  expect(rounds.filter(({ load }) => load.mode !== 'bad-traffic').map(orderOf)).toEqual(
    roundsOf(plan(), 0, 0).map(orderOf),
  )
})
