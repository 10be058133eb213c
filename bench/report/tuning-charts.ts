import {
  connectionsText,
  distanceText,
  isBounded,
  millisecondsText,
  strategyLabel,
} from '../estimates/tuning/pool-words.ts'
import type { Results } from '../record/run.ts'
import type { PoolCell, PoolTuning, Scalability, TuningFigure } from '../record/tuning.ts'
import { uslThroughput } from '../statistics/usl.ts'
import type { DistanceView, HeatCell, HeatMapView, PoolWaitView, ScalabilityView, SeriesView } from './report-data.ts'
import { boundedView } from './tuning-words.ts'

type Plan = Pick<Results['plan'], 'variants'>

const ascending = (numbers: Iterable<number>): number[] => [...new Set(numbers)].sort((a, b) => a - b)

/** Items that share a strategy and a distance, under the title that names both. */
function places<T extends { readonly strategy: string; readonly dbDelayUs: number }>(
  plan: Plan,
  items: readonly T[],
): readonly { readonly title: string; readonly items: readonly T[] }[] {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const title = `${strategyLabel(plan, item.strategy)}, ${distanceText(item.dbDelayUs)}`
    groups.set(title, [...(groups.get(title) ?? []), item])
  }
  return [...groups].map(([title, grouped]) => ({ title, items: grouped }))
}

/** Throughput and p95 over pool size and connections, for each strategy and distance. */
export function heatMaps(plan: Plan, { cells, recommendations }: PoolTuning): readonly HeatMapView[] {
  const recommended = (cell: PoolCell): boolean =>
    recommendations.some(
      ({ strategy, connections, dbDelayUs, answer }) =>
        strategy === cell.strategy &&
        connections === cell.connections &&
        dbDelayUs === cell.dbDelayUs &&
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

function seriesOf(
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
    const title = `${strategyLabel(plan, one.strategy)}, pool ${one.poolSize}, ${distanceText(one.dbDelayUs)}`
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

/** What is drawn against distance. */
interface Drawn {
  readonly of: 'cpu' | 'latency'
  readonly name: string
  readonly unit: string
  readonly note: string
  readonly metric: string
  readonly kind: 'cost' | 'absolute'
  readonly quantile?: number
}

const drawn: readonly Drawn[] = [
  {
    of: 'cpu',
    name: 'CPU',
    unit: 'us CPU',
    note: 'CPU of app and database per request, over the control of the same rounds.',
    metric: 'totalCpuUsPerRequest',
    kind: 'cost',
  },
  {
    of: 'latency',
    name: 'response p50',
    unit: 'us',
    note: 'Median response time at saturation: queueing included, no added latency.',
    metric: 'latencyUs',
    kind: 'absolute',
    quantile: 0.5,
  },
]

/**
 * Cost against distance, at each number of connections: the lookup with the pool that the farthest distance takes, and
 * tokens, whose lines are level because they do not ask the database.
 */
export function distanceViews(
  results: Pick<Results, 'plan' | 'estimates'>,
  tuning: PoolTuning,
): readonly DistanceView[] {
  const distances = ascending(tuning.cells.map(({ dbDelayUs }) => dbDelayUs))
  if (distances.length < 2) return []
  return ascending(tuning.cells.map(({ connections }) => connections)).flatMap((connections) =>
    drawn.flatMap((what) => distanceView(results, tuning, { what, connections, distances })),
  )
}

function distanceView(
  { plan, estimates }: Pick<Results, 'plan' | 'estimates'>,
  { cells, recommendations, crossings }: PoolTuning,
  {
    what,
    connections,
    distances,
  }: { readonly what: Drawn; readonly connections: number; readonly distances: readonly number[] },
): DistanceView[] {
  const controls = new Set(plan.variants.filter(({ role }) => role === 'control').map(({ id }) => id))
  const figure = (variant: string): TuningFigure =>
    estimates.find(
      ({ load, group, ...one }) =>
        one.variant === variant &&
        one.metric === what.metric &&
        one.kind === what.kind &&
        one.quantile === what.quantile &&
        (one.baseline === undefined || controls.has(one.baseline)) &&
        group === 'default' &&
        load.mode === 'saturation' &&
        load.connections === connections,
    ) ?? { absent: 'not estimated' }
  const pool = (strategy: string): number | undefined => poolAtFarthest(recommendations, strategy, connections)
  const strategies = [...new Set(cells.map(({ strategy }) => strategy))]
  const lookups = strategies.flatMap((strategy, index) => {
    const points = cells
      .filter((cell) => cell.strategy === strategy && cell.connections === connections)
      .filter(({ poolSize }) => poolSize === pool(strategy))
      .map(({ variant, dbDelayUs }) => ({ x: dbDelayUs, figure: figure(variant) }))
    return seriesOf(`${strategyLabel(plan, strategy)}, pool ${pool(strategy)}`, 2 + index, points, 'µs')
  })
  if (lookups.length === 0) return []
  const ends = [Math.min(...distances), Math.max(...distances)]
  const level = plan.variants
    .filter(({ id }) => crossings.some(({ token }) => token === id))
    .flatMap(({ id, label }, index) =>
      seriesOf(
        label,
        2 + strategies.length + index,
        ends.map((x) => ({ x, figure: figure(id) })),
        'µs',
      ),
    )
  return [
    {
      title: `${connectionsText(connections)}, ${what.name}`,
      note: `${what.note} Against the round trip added between server and Postgres; tokens do not ask the database.`,
      unit: what.unit,
      series: [...lookups, ...level],
      crossings: crossings
        .filter((one) => one.connections === connections && one.of === what.of && one.poolSize === pool(one.strategy))
        .map(
          ({ strategy, token, crossing }) =>
            `${strategyLabel(plan, strategy)} and ${strategyLabel(plan, token)} ${crossingText(crossing)}.`,
        ),
    },
  ]
}

function crossingText(crossing: PoolTuning['crossings'][number]['crossing']): string {
  if (crossing.state === 'none') return `do not cross: ${crossing.reason}`
  const { value, low, high } = crossing.dbDelayUs
  return `cross at ${millisecondsText(value)} [${millisecondsText(low)}, ${millisecondsText(high)}]`
}

/** A pool that is enough for the farthest database is enough for a nearer one. */
function poolAtFarthest(
  recommendations: PoolTuning['recommendations'],
  strategy: string,
  connections: number,
): number | undefined {
  const ones = recommendations
    .filter((one) => one.strategy === strategy && one.connections === connections)
    .sort((a, b) => b.dbDelayUs - a.dbDelayUs)
  const [one] = ones
  return one?.answer.state === 'settled' ? one.answer.poolSize : one?.best
}
