import { expect, test } from 'vitest'
import { roundsOf } from './order.ts'
import { makePlan } from './plan.ts'

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

test('without bad traffic a plan is what it was', () => {
  expect(sharesOf(plan())).toEqual([])
  expect(plan().profile).toBe('quick')
  expect(plan('10%').profile).toBe('custom')
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
