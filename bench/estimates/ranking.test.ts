import { expect, test } from 'vitest'
import { type Ranked, rankingChanges } from './ranking.ts'

const saturation = { mode: 'saturation', connections: 10 } as const
const fixedRate = { mode: 'fixed-rate', connections: 64, requestsPerSecond: 2000, arrivals: 'poisson' } as const

const cost = (variant: string, baseline: string, load: Ranked['load'], value: number, verdict: Ranked['verdict']) => ({
  variant,
  baseline,
  metric: 'totalCpuUsPerRequest',
  kind: 'cost' as const,
  load,
  group: 'default' as const,
  value,
  low: value - 1,
  high: value + 1,
  ...(verdict === undefined ? {} : { verdict }),
})
const candidates = new Set(['session', 'jwt'])

test('a ranking changes where both loads show a difference, and by its verdict', () => {
  const both = (verdict: Ranked['verdict']) =>
    rankingChanges(
      [cost('jwt', 'session', saturation, 3, 'different'), cost('jwt', 'session', fixedRate, -2, verdict)].concat(
        cost('session', 'none', saturation, 10, 'different'),
      ),
      candidates,
    )
  expect(both('different')).toMatchObject([{ first: 'session', second: 'jwt' }])
  // Without a noise band the intervals have to do.
  expect(both(undefined)).toHaveLength(1)
  expect(both('no-difference-shown')).toEqual([])
})

test('a ranking that two rates turn round is told, and each pair once', () => {
  const faster = { ...fixedRate, requestsPerSecond: 8000 }
  const atRates = [
    cost('jwt', 'session', fixedRate, -3, 'different'),
    cost('jwt', 'session', faster, 3, 'different'),
    cost('session', 'none', fixedRate, 10, 'different'),
  ]
  expect(rankingChanges(atRates, candidates)).toMatchObject([
    { first: 'jwt', second: 'session', firstLoad: fixedRate, secondLoad: faster },
  ])
  const saturated = [...atRates, cost('jwt', 'session', saturation, -3, 'different')]
  expect(rankingChanges(saturated, candidates)).toMatchObject([
    { first: 'jwt', second: 'session', firstLoad: saturation, secondLoad: faster },
  ])
})

test('the twin has no rank', () => {
  const estimates = [saturation, fixedRate].flatMap((load, index) => [
    cost('none#twin', 'none', load, index === 0 ? 0 : 50, 'different'),
    cost('session', 'none', load, 20, 'different'),
  ])
  expect(rankingChanges(estimates, candidates)).toEqual([])
})
