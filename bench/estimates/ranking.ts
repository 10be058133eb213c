import type { Estimate } from '../record/estimate.ts'
import { type Load, loadKey } from '../record/slice.ts'

/** What ranking needs of an estimate. */
export type Ranked = Pick<
  Estimate,
  'variant' | 'baseline' | 'metric' | 'kind' | 'load' | 'group' | 'value' | 'low' | 'high' | 'verdict'
>

/** `first` is cheaper than `second` under `firstLoad`, dearer under `secondLoad`. */
export interface RankingChange {
  readonly metric: string
  readonly first: string
  readonly second: string
  readonly firstLoad: Load
  readonly secondLoad: Load
}

/**
 * Pairs of candidates whose order of cost differs between saturation and a fixed rate, or between two rates, where both are shown.
 * Each pair once, by the first two loads that turn it round.
 *
 * @param candidates their ids; the twin has no rank
 */
export function rankingChanges(estimates: readonly Ranked[], candidates: ReadonlySet<string>): RankingChange[] {
  const costs = estimates.filter(({ kind, group }) => kind === 'cost' && group === 'default')
  return ['appCpuUsPerRequest', 'totalCpuUsPerRequest'].flatMap((metric) => {
    const ofMetric = costs.filter((cost) => cost.metric === metric)
    const loads = [...new Map(ofMetric.map(({ load }) => [loadKey(load), load])).values()]
    const saturations = loads.filter(({ mode }) => mode === 'saturation')
    const fixedRates = loads.filter(({ mode }) => mode === 'fixed-rate')
    const names = [...new Set(ofMetric.map(({ variant }) => variant))].filter((name) => candidates.has(name))
    const pairs = [
      ...saturations.flatMap((first) => fixedRates.map((second) => [first, second] as const)),
      ...fixedRates.flatMap((first, i) => fixedRates.slice(i + 1).map((second) => [first, second] as const)),
    ]
    return names.flatMap((a, i) =>
      names.slice(i + 1).flatMap((b) => {
        const change = pairs.map(([first, second]) => changeBetween(ofMetric, [a, b], first, second)).find(isThere)
        return change === undefined ? [] : [{ metric, ...change }]
      }),
    )
  })
}

const isThere = <T>(value: T | undefined): value is T => value !== undefined

function changeBetween(
  costs: readonly Ranked[],
  [a, b]: readonly [string, string],
  firstLoad: Load,
  secondLoad: Load,
): Omit<RankingChange, 'metric'> | undefined {
  const before = order(costs, firstLoad, a, b)
  const after = order(costs, secondLoad, a, b)
  if (before === 0 || after === 0 || before === after) return undefined
  const [first, second] = before < 0 ? [a, b] : [b, a]
  return { first, second, firstLoad, secondLoad }
}

/** -1 where a is shown to be cheaper than b, 1 dearer, 0 neither. */
function order(costs: readonly Ranked[], load: Load, a: string, b: string): -1 | 0 | 1 {
  const here = costs.filter((cost) => loadKey(cost.load) === loadKey(load))
  const ofPair = (variant: string, baseline: string): Ranked | undefined =>
    here.find((cost) => cost.variant === variant && cost.baseline === baseline)
  // The paired difference where there is one; else two costs over the control that do not overlap.
  const direct = ofPair(a, b)
  if (direct !== undefined) return sign(direct.verdict, direct.low, direct.high)
  const reverse = ofPair(b, a)
  if (reverse !== undefined) return sign(reverse.verdict, -reverse.high, -reverse.low)
  const own = here.find(({ variant }) => variant === a)
  const other = here.find(({ variant, baseline }) => variant === b && baseline === own?.baseline)
  if (own === undefined || other === undefined) return 0
  return own.high < other.low ? -1 : other.high < own.low ? 1 : 0
}

/** What a difference says, as its own sentence does: nothing where no difference is shown. */
function sign(verdict: Ranked['verdict'], low: number, high: number): -1 | 0 | 1 {
  if (verdict === 'no-difference-shown') return 0
  return high < 0 ? -1 : low > 0 ? 1 : 0
}
