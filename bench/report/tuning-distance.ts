import { placeKey } from '../estimates/tuning/pool-grid.ts'
import { connectionsText, furtherTexts, millisecondsText, strategyLabel } from '../estimates/tuning/pool-words.ts'
import type { Results } from '../record/run.ts'
import type { PoolCell, PoolTuning, TuningFigure } from '../record/tuning.ts'
import { ascending, seriesOf } from './tuning-charts.ts'
import type { DistanceView } from './tuning-view.ts'

/** As obtained, where that was measured. */
const distanceOf = ({ dbDelayUs, addedDelayUs }: PoolCell): number => addedDelayUs ?? dbDelayUs

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
  const distances = ascending(tuning.cells.map(distanceOf))
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
  const here = cells.filter((cell) => cell.connections === connections)
  const lines = [...new Map(here.map((cell) => [lineOf(cell), cell])).values()]
  const pool = (line: Line): number | undefined => poolAtFarthest(recommendations, line, connections)
  const lookups = lines.flatMap((line, index) => {
    const points = here
      .filter((cell) => lineOf(cell) === lineOf(line) && cell.poolSize === pool(line))
      .map((cell) => ({ x: distanceOf(cell), figure: figure(cell.variant) }))
    return seriesOf(`${lineText(plan, line)}, pool ${pool(line)}`, 2 + index, points, 'µs')
  })
  if (lookups.length === 0) return []
  const ends = [Math.min(...distances), Math.max(...distances)]
  const level = plan.variants
    .filter(({ id }) => crossings.some(({ token }) => token === id))
    .flatMap(({ id, label }, index) =>
      seriesOf(
        label,
        2 + lines.length + index,
        ends.map((x) => ({ x, figure: figure(id) })),
        'µs',
      ),
    )
  return [
    {
      title: `${connectionsText(connections)}, ${what.name}`,
      note: `${what.note} Against the round trip that was added between server and Postgres, as measured; tokens do not ask the database.`,
      unit: what.unit,
      series: [...lookups, ...level],
      crossings: crossings
        .filter((one) => one.connections === connections && one.of === what.of && one.poolSize === pool(one))
        .map(
          ({ token, crossing, ...line }) =>
            `${lineText(plan, line)} and ${strategyLabel(plan, token)} ${crossingText(crossing)}.`,
        ),
    },
  ]
}

/** What a line is drawn of: a strategy, its table and its app instances where these are varied. */
type Line = Pick<PoolCell, 'strategy' | 'sessions' | 'appInstances'>

const lineOf = (line: Line): string => `${line.strategy} ${placeKey({ ...line, dbDelayUs: 0 })}`

const lineText = (plan: Results['plan'], line: Line): string =>
  [strategyLabel(plan, line.strategy), ...furtherTexts(line)].join(', ')

function crossingText(crossing: PoolTuning['crossings'][number]['crossing']): string {
  if (crossing.state === 'none') return `do not cross: ${crossing.reason}`
  if (crossing.state === 'not-shown') return `are not shown to cross: ${crossing.reason}`
  const { value, low, high } = crossing.dbDelayUs
  return `cross at ${millisecondsText(value)} [${millisecondsText(low)}, ${millisecondsText(high)}]`
}

/** A pool that is enough for the farthest database is enough for a nearer one. */
function poolAtFarthest(
  recommendations: PoolTuning['recommendations'],
  line: Line,
  connections: number,
): number | undefined {
  const ones = recommendations
    .filter((one) => lineOf(one) === lineOf(line) && one.connections === connections)
    .sort((a, b) => b.dbDelayUs - a.dbDelayUs)
  const [one] = ones
  return one?.answer.state === 'settled' ? one.answer.poolSize : one?.best
}
