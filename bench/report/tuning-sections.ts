import { answerText, connectionsText, placeText, strategyLabel } from '../estimates/tuning/pool-words.ts'
import type { PlanRecord } from '../record/run.ts'
import type { CustomaryPool, PoolCell, PoolRecommendation, PoolTuning } from '../record/tuning.ts'
import { defaultMargins } from '../statistics/good-enough.ts'
import type { Cell, Column, Section } from './report-data.ts'
import type { PlaceField } from './tuning-charts.ts'
import { differenceCellOf, figureCellOf, ratioCellOf, textCell } from './tuning-words.ts'

type Plan = Pick<PlanRecord, 'variants'>

const limits = `at least ${100 * defaultMargins.leastThroughput} % of the best throughput and a p95 of at most ${defaultMargins.mostLatency.toFixed(2)} times the lowest`

const where = (plan: Plan, one: PoolRecommendation): string =>
  `${strategyLabel(plan, one.strategy)}, ${connectionsText(one.connections)}, ${placeText(one)}`

/** Which pool where, and how many app instances have room with it. */
export function recommendationSection(plan: Plan, { recommendations }: PoolTuning): Section {
  return withoutEmptyColumns({
    title: 'Recommended pool size',
    note: `The smallest pool shown to have ${limits}; unsettled where that is not shown yet. Fastest: of those not shown too poor, by ratios within rounds. Instances: how many app instances with this pool fit under max_connections.`,
    columns: [
      { label: 'Pool', unit: '' },
      { label: 'Fastest measured', unit: '' },
      { label: 'Instances, default server', unit: '' },
      { label: 'Instances, this server', unit: '' },
    ],
    rows: recommendations.map((one) => ({
      variant: one.strategy,
      label: where(plan, one),
      cells: [
        textCell(answerText(one.answer)),
        one.best === undefined ? { kind: 'absent', reason: 'nothing measured' } : textCell(String(one.best)),
        ...(['default', 'measured'] as const).map((server) => instancesCell(one, server)),
      ],
    })),
  })
}

/** What customary pools would cost instead: a table of its own, because both together are wider than a page. */
export function customarySection(plan: Plan, { recommendations }: PoolTuning): Section {
  const rules = [
    { rule: 'node-postgres-default', name: 'node-postgres default' },
    { rule: 'two-per-core-plus-one', name: '2 × cores + 1' },
  ] as const
  return withoutEmptyColumns({
    title: 'What customary pools would cost',
    note: 'Over the recommended pool (over the fastest where it is unsettled), with 95 % intervals; in brackets the nearest pool of the grid that stands for it.',
    columns: rules.flatMap(({ name }): Column[] => [
      { label: name, unit: '' },
      { label: 'its throughput', unit: '×' },
      { label: 'its p95', unit: '×' },
    ]),
    rows: recommendations.map((one) => ({
      variant: one.strategy,
      label: where(plan, one),
      cells: rules.flatMap(({ rule }) => customaryCells(one.customary.find((pool) => pool.rule === rule))),
    })),
  })
}

/** A column without a single figure says nothing. */
function withoutEmptyColumns(section: Section): Section {
  const kept = section.columns.map((_, index) => section.rows.some(({ cells }) => cells[index]?.kind !== 'absent'))
  return {
    ...section,
    columns: section.columns.filter((_, index) => kept[index]),
    rows: section.rows.map((row) => ({ ...row, cells: row.cells.filter((_, index) => kept[index]) })),
  }
}

function customaryCells(pool: CustomaryPool | undefined): Cell[] {
  if (pool === undefined) {
    const absent: Cell = { kind: 'absent', reason: 'the cores of the database are not known' }
    return [absent, absent, absent]
  }
  const stand = pool.measuredAs === pool.poolSize ? '' : ` (${pool.measuredAs})`
  return [textCell(`${pool.poolSize}${stand}`), ratioCellOf(pool.throughputRatio), ratioCellOf(pool.p95Ratio)]
}

function instancesCell({ instances }: PoolRecommendation, server: 'default' | 'measured'): Cell {
  const found = instances.find((one) => one.server === server)
  if (found === undefined) return { kind: 'absent', reason: 'max_connections of the server is not known' }
  return textCell(`${found.fit} of pool ${found.poolSize} (${found.maxConnections})`)
}

const shownText = { 'non-inferior': 'good enough', inferior: 'too poor', undecided: 'undecided' } as const

/** Every pool held against the best: one table a distance. */
export function comparisonSections(plan: Plan, { recommendations }: PoolTuning): readonly Section[] {
  return byPlace(recommendations).map(([place, ones]) => ({
    title: `Pools against the best: ${place}`,
    note: `Throughput over the best, whichever that is, and p95 over the lowest among pools with enough throughput. Intervals hold for all pools and looks at once (${100 * (1 - defaultMargins.error)} %). Good enough: ${limits}, both shown. Pools with more connections than can be in use at once are left out: they cannot differ from the largest one here.`,
    columns: [
      { label: 'Throughput', unit: '×' },
      { label: 'p95', unit: '×' },
      { label: 'Shown', unit: '' },
    ],
    rows: ones.flatMap((one) =>
      one.pools.map(({ poolSize, throughputRatio, p95Ratio, shown }) => ({
        variant: one.strategy,
        label: `${strategyLabel(plan, one.strategy)}, ${connectionsText(one.connections)}, pool ${poolSize}`,
        cells: [ratioCellOf(throughputRatio), ratioCellOf(p95Ratio), textCell(shownText[shown])],
      })),
    ),
  }))
}

/** The figures of every cell: two tables a place, because one is wider than a page. */
export const cellSections = (plan: Plan, { cells }: PoolTuning): readonly Section[] =>
  byPlace(cells).flatMap(([place, ones]) => [
    {
      title: `Cells of the sweep: ${place}`,
      note: 'Response time at saturation (queueing, not added latency). 95 % intervals over restarts.',
      columns: [
        { label: 'Throughput', unit: 'req/s' },
        { label: 'p50', unit: 'µs' },
        { label: 'p95', unit: 'µs' },
        { label: 'p99', unit: 'µs' },
        { label: 'App CPU', unit: 'µs' },
        { label: 'Database CPU', unit: 'µs' },
        { label: 'Restarts', unit: '' },
      ],
      rows: cellRows(plan, ones, (cell) => [
        figureCellOf(cell.requestsPerSecond),
        figureCellOf(cell.saturationLatency.p50Us),
        figureCellOf(cell.saturationLatency.p95Us),
        figureCellOf(cell.saturationLatency.p99Us),
        figureCellOf(cell.appCpuUsPerRequest),
        figureCellOf(cell.databaseCpuUsPerRequest),
        textCell(String(cell.restarts)),
      ]),
    },
    {
      title: `The pool in these cells: ${place}`,
      note: 'Wait: for a connection of the pool; query: from handing it over to its result. Waiting and busy: as queries found the pool on arrival; by Little’s law: queries per second times mean wait. 95 % intervals over restarts.',
      columns: [
        { label: 'Wait, mean', unit: 'µs' },
        { label: 'Wait p99', unit: 'µs' },
        { label: 'Query, mean', unit: 'µs' },
        { label: 'Waiting, mean', unit: '' },
        { label: 'by Little’s law', unit: '' },
        { label: 'Waiting, most', unit: '' },
        { label: 'Busy, mean', unit: '' },
      ],
      rows: cellRows(plan, ones, (cell) => [
        figureCellOf(cell.poolWait.meanUs),
        figureCellOf(cell.poolWait.p99Us),
        figureCellOf(cell.query.meanUs),
        figureCellOf(cell.meanWaiting),
        littleCell(cell),
        typeof cell.maxWaiting === 'number'
          ? textCell(String(cell.maxWaiting))
          : { kind: 'absent', reason: cell.maxWaiting.absent },
        figureCellOf(cell.meanBusy),
      ]),
    },
  ])

const cellRows = (plan: Plan, cells: readonly PoolCell[], cellsOf: (cell: PoolCell) => Cell[]): Section['rows'] =>
  cells.map((cell) => ({
    variant: cell.variant,
    label: `${strategyLabel(plan, cell.strategy)}, ${connectionsText(cell.connections)}, pool ${cell.poolSize}`,
    cells: cellsOf(cell),
  }))

const littleCell = ({ littlesLaw }: PoolCell): Cell =>
  'absent' in littlesLaw
    ? { kind: 'absent', reason: littlesLaw.absent }
    : textCell(`${littlesLaw.expectedWaiting.value.toFixed(1)}${littlesLaw.agrees ? '' : ' (disagrees)'}`)

/** What larger tables cost. */
export function tableSizeSection(plan: Plan, { tableSizes = [] }: PoolTuning): Section {
  return {
    title: 'Larger tables of sessions',
    note: 'Each held against the smallest table of the sweep, with the same pool, at the same distance and concurrency: CPU of app and database together per request, throughput, and p95 at saturation. ~ no difference shown. 95 % intervals over restarts.',
    columns: [
      { label: 'CPU more', unit: 'µs' },
      { label: 'Throughput', unit: '×' },
      { label: 'p95', unit: '×' },
    ],
    rows: tableSizes.map((one) => ({
      variant: one.strategy,
      label: `${strategyLabel(plan, one.strategy)}, ${placeText(one)} against ${one.against.toLocaleString('en-US')}, ${connectionsText(one.connections)}, pool ${one.poolSize}`,
      cells: [differenceCellOf(one.cpuUs), ratioCellOf(one.throughputRatio), ratioCellOf(one.p95Ratio)],
    })),
  }
}

/** What more app instances bring. */
export function instanceCountSection(plan: Plan, { instanceCounts = [] }: PoolTuning): Section {
  return {
    title: 'App instances',
    note: 'Server processes that share the one database, each with a pool of this size; every number of them held against the fewest of the sweep, with the same pool, at the same distance and concurrency. CPU of app and database together per request. ~ no difference shown. 95 % intervals over restarts.',
    columns: [
      { label: 'Throughput', unit: 'req/s' },
      { label: 'of the fewest', unit: 'req/s' },
      { label: 'Ratio', unit: '×' },
      { label: 'p95', unit: '×' },
      { label: 'CPU more', unit: 'µs' },
    ],
    rows: instanceCounts.map((one) => ({
      variant: one.strategy,
      label: `${strategyLabel(plan, one.strategy)}, ${placeText(one)} against ${one.against}, ${connectionsText(one.connections)}, pool ${one.poolSize} each`,
      cells: [
        figureCellOf(one.requestsPerSecond),
        figureCellOf(one.againstRequestsPerSecond),
        ratioCellOf(one.throughputRatio),
        ratioCellOf(one.p95Ratio),
        differenceCellOf(one.cpuUs),
      ],
    })),
  }
}

/** The Universal Scalability Law of every pool. */
export function scalabilitySection(plan: Plan, { scalability }: PoolTuning): Section {
  return {
    title: 'Universal Scalability Law',
    note: 'Throughput of N connections: γN / (1 + σ(N − 1) + κN(N − 1)). γ: throughput of one connection; σ: contention; κ: coherency, above which throughput falls again. One fit a restart, 95 % intervals over restarts.',
    columns: [
      { label: 'γ', unit: 'req/s' },
      { label: 'σ', unit: '' },
      { label: 'κ', unit: '10⁻⁴' },
      { label: 'Peak', unit: 'connections' },
      { label: 'Worst miss', unit: '%' },
      { label: 'Fit', unit: '' },
    ],
    rows: scalability.map(({ strategy, poolSize, fit, ...place }) => {
      const label = `${strategyLabel(plan, strategy)}, pool ${poolSize}, ${placeText(place)}`
      const absent: Cell = { kind: 'absent', reason: fit.state === 'refused' ? fit.reason : '' }
      const tenThousandth = (value: number): number => value * 1e4
      return {
        variant: strategy,
        label,
        cells:
          fit.state === 'refused'
            ? [absent, absent, absent, absent, absent, textCell(`refused: ${fit.reason}`)]
            : [
                figureCellOf(fit.gamma),
                figureCellOf(fit.sigma),
                figureCellOf({
                  value: tenThousandth(fit.kappa.value),
                  low: tenThousandth(fit.kappa.low),
                  high: tenThousandth(fit.kappa.high),
                }),
                figureCellOf(fit.peakConnections),
                textCell((100 * fit.worstResidual).toFixed(1)),
                textCell('absent' in fit.peakConnections ? fit.peakConnections.absent : 'fitted'),
              ],
      }
    }),
  }
}

/** Items by where they were measured, nearest and smallest first, under what a reader calls it. */
export function byPlace<T extends Pick<PoolCell, PlaceField>>(
  items: readonly T[],
): readonly (readonly [string, readonly T[]])[] {
  const groups = new Map<string, T[]>()
  const sorted = [...items].sort(
    (a, b) =>
      a.dbDelayUs - b.dbDelayUs ||
      (a.sessions ?? 0) - (b.sessions ?? 0) ||
      (a.appInstances ?? 0) - (b.appInstances ?? 0),
  )
  for (const item of sorted) groups.set(placeText(item), [...(groups.get(placeText(item)) ?? []), item])
  return [...groups]
}
