import { placeKey } from '../estimates/tuning/pool-grid.ts'
import { connectionsText, isBounded, placeText, strategyLabel } from '../estimates/tuning/pool-words.ts'
import type { Results } from '../record/run.ts'
import type { PoolCell, PoolTuning, Scalability, TuningFigure } from '../record/tuning.ts'
import { uslThroughput } from '../statistics/usl.ts'
import type { HeatCell, HeatMapView, PoolWaitView, ScalabilityView, SeriesView } from './tuning-view.ts'
import { boundedView } from './tuning-words.ts'

type Plan = Pick<Results['plan'], 'variants'>

export const ascending = (numbers: Iterable<number>): number[] => [...new Set(numbers)].sort((a, b) => a - b)

/** What makes a place in the record. */
export type PlaceField = 'dbDelayUs' | 'addedDelayUs' | 'sessions' | 'appInstances'

/** Items that share a strategy and a place, under the title that names both. */
function places<T extends Pick<PoolCell, 'strategy' | PlaceField>>(
  plan: Plan,
  items: readonly T[],
): readonly { readonly title: string; readonly items: readonly T[] }[] {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const title = `${strategyLabel(plan, item.strategy)}, ${placeText(item)}`
    groups.set(title, [...(groups.get(title) ?? []), item])
  }
  return [...groups].map(([title, grouped]) => ({ title, items: grouped }))
}

/** Throughput and p95 over pool size and connections, for each strategy and place. */
export function heatMaps(plan: Plan, { cells, recommendations }: PoolTuning): readonly HeatMapView[] {
  const recommended = (cell: PoolCell): boolean =>
    recommendations.some(
      ({ strategy, connections, answer, ...place }) =>
        strategy === cell.strategy &&
        connections === cell.connections &&
        placeKey(place) === placeKey(cell) &&
        answer.state === 'settled' &&
        answer.poolSize === cell.poolSize,
    )
  return places(plan, cells).flatMap(({ title, items }) => {
    const poolSizes = ascending(items.map(({ poolSize }) => poolSize))
    const connections = ascending(items.map((cell) => cell.connections))
    const map = (
      metric: HeatMapView['metric'],
      unit: string,
      better: HeatMapView['better'],
      figureOf: (cell: PoolCell) => TuningFigure,
    ): HeatMapView => ({
      title,
      metric,
      unit,
      better,
      poolSizes,
      connections,
      cells: poolSizes.map((poolSize) =>
        connections.map((column): HeatCell => {
          const cell = items.find((one) => one.poolSize === poolSize && one.connections === column)
          if (cell === undefined) return { absent: 'not measured' }
          const figure = figureOf(cell)
          return isBounded(figure) ? { ...boundedView(figure, unit), recommended: recommended(cell) } : figure
        }),
      ),
    })
    return [
      map('throughput', 'req/s', 'higher', (cell) => cell.requestsPerSecond),
      map('p95', 'µs', 'lower', (cell) => cell.saturationLatency.p95Us),
    ]
  })
}

export function seriesOf(
  label: string,
  style: number,
  points: readonly { readonly x: number; readonly figure: TuningFigure }[],
  unit: string,
): SeriesView[] {
  const known = points.flatMap(({ x, figure }) => (isBounded(figure) ? [{ x, ...boundedView(figure, unit) }] : []))
  return known.length === 0 ? [] : [{ label, style, points: known.sort((a, b) => a.x - b.x) }]
}

/** Mean wait for a pool connection against pool size, one line a number of connections. */
export const poolWaits = (plan: Plan, { cells }: PoolTuning): readonly PoolWaitView[] =>
  places(plan, cells).map(({ title, items }) => ({
    title,
    series: ascending(items.map(({ connections }) => connections)).flatMap((connections, index) =>
      seriesOf(
        connectionsText(connections),
        2 + index,
        items
          .filter((cell) => cell.connections === connections)
          .map(({ poolSize, poolWait }) => ({ x: poolSize, figure: poolWait.meanUs })),
        'µs',
      ),
    ),
  }))

/** Points that the curve is drawn with: smooth on a logarithmic axis. */
const curvePoints = 60

/** Throughput over connections, with the law where it was fitted. */
export const scalabilityViews = (plan: Plan, { scalability }: PoolTuning): readonly ScalabilityView[] =>
  scalability.flatMap((one) => {
    const [points] = seriesOf(
      `Pool ${one.poolSize}`,
      2,
      one.points.map(({ connections, requestsPerSecond }) => ({ x: connections, figure: requestsPerSecond })),
      'req/s',
    )
    if (points === undefined) return []
    const title = `${strategyLabel(plan, one.strategy)}, pool ${one.poolSize}, ${placeText(one)}`
    return [{ title, points, ...lawOf(one) }]
  })

function lawOf({ fit, points }: Scalability): Pick<ScalabilityView, 'curve' | 'peak' | 'note'> {
  if (fit.state === 'refused') return { curve: [], note: `No law is fitted: ${fit.reason}.` }
  const law = { gamma: fit.gamma.value, sigma: fit.sigma.value, kappa: fit.kappa.value }
  const [first, last] = [points[0]?.connections ?? 1, points[points.length - 1]?.connections ?? 1]
  const curve = Array.from({ length: curvePoints + 1 }, (_, index): readonly [number, number] => {
    const connections = first * (last / first) ** (index / curvePoints)
    return [Number(connections.toPrecision(5)), Number(uslThroughput(law, connections).toPrecision(5))]
  })
  const parameters = [
    `γ ${boundedView(fit.gamma, 'req/s').text}`,
    `σ ${boundedView(fit.sigma, '').text}`,
    `κ ${exponential(fit.kappa.value)} [${exponential(fit.kappa.low)}, ${exponential(fit.kappa.high)}]`,
  ]
  const miss = `the curve misses no point by more than ${(100 * fit.worstResidual).toFixed(1)} %`
  const peak = fit.peakConnections
  return {
    curve,
    ...(isBounded(peak) ? { peak: boundedView(peak, 'connections') } : {}),
    note: `${parameters.join(', ')}; ${miss}${isBounded(peak) ? '' : `; ${peak.absent}`}.`,
  }
}

const exponential = (value: number): string => value.toExponential(1).replaceAll('-', '−')
