import type { ChartConfiguration } from 'chart.js'
import type { CompanionCostView, EstimateView, LoadView, ReportData, VariantView } from '../../report-data.ts'
import { type Range, rangeWithZero } from '../axis.ts'
import type { ChartDefinition, Panel, Surface } from '../chart-definition.ts'
import { findEstimate, inWords, loadsWith } from '../lookup.ts'
import { bandOf, heightOfRows, rowFigure } from '../rows.ts'
import { stackedBars } from '../stacked-bars.ts'

interface Row {
  readonly variant: VariantView
  readonly app: EstimateView
  readonly database: EstimateView | undefined
  readonly total: EstimateView | undefined
  /** Only of those that ask a Redis or an auth service. */
  readonly companions: CompanionCostView | undefined
}

/** CPU that a request costs more than without authentication: app, database and what else is asked, stacked. */
export const costPerRequest: ChartDefinition = {
  id: 'cost',
  title: 'CPU cost per request over the control',
  short: 'CPU cost',
  panels(data) {
    const loads = loadsWith(data, { metric: 'appCpuUsPerRequest', kind: 'cost' })
    const all = loads.map((load) => ({ load, rows: rowsOf(data, load) }))
    // One scale for all modes: the eye compares them when switching.
    const range = rangeWithZero(all.flatMap(({ rows }) => rows.flatMap(extent)))
    return all.map(({ load, rows }) => panelOf(data, load, rows, range))
  },
}

function rowsOf(data: ReportData, load: LoadView): readonly Row[] {
  return data.variants.flatMap((variant) => {
    const find = (metric: string): EstimateView | undefined =>
      findEstimate(data, { load: load.key, variant: variant.id, metric, kind: 'cost' })
    const app = find('appCpuUsPerRequest')
    if (app === undefined) return []
    const companions = data.companionCosts.find((one) => one.variant === variant.id && one.load === load.key)
    const [database, total] = [find('databaseCpuUsPerRequest'), find('totalCpuUsPerRequest')]
    return [{ variant, app, database, total, companions }]
  })
}

const extent = ({ app, total }: Row): readonly number[] => [
  app.low,
  app.high,
  ...(total === undefined ? [] : [total.low, total.high]),
]

/** A database share too small to be seen gets no whisker of its own: it would hide the app's. */
const hasDatabase = ({ database, total }: Row): boolean =>
  database !== undefined &&
  total !== undefined &&
  Math.abs(database.value) > 0.01 * Math.abs(total.value) &&
  database.high > 0.05

function panelOf(data: ReportData, load: LoadView, rows: readonly Row[], range: Range): Panel {
  const band = bandOf(rows.find(({ variant }) => variant.role === 'twin')?.app)
  const databaseKnown = rows.some(({ database }) => database !== undefined)
  const companions = companionsOf(data, rows)
  const control = data.variants.find(({ role }) => role === 'control')
  const itself =
    control === undefined
      ? undefined
      : findEstimate(data, { load: load.key, variant: control.id, metric: 'appCpuUsPerRequest', kind: 'absolute' })
  return {
    key: load.key,
    label: load.short,
    note: [
      `${load.title}. µs of CPU per request, 95 % intervals.`,
      databaseKnown
        ? 'The whisker inside a bar is the app’s interval, the one at its end that of the sum.'
        : 'Database CPU could not be read and is missing here.',
      companions === undefined ? '' : `${companions}: what the sum holds beside app and database.`,
      itself === undefined ? '' : `The control itself takes ${inWords(itself)} of app CPU.`,
    ]
      .filter((sentence) => sentence !== '')
      .join(' '),
    keys: [
      { label: 'App CPU', colour: 'app' },
      ...(databaseKnown ? [{ label: 'Database CPU', colour: 'database' } as const] : []),
      ...(companions === undefined ? [] : [{ label: companions, colour: 'companions' } as const]),
      ...(band === undefined ? [] : [{ label: 'Noise band', colour: 'band' } as const]),
    ],
    plots: [
      {
        height: heightOfRows(rows, 38),
        config: (surface) => config(rows, { range, band, companions }, surface),
      },
    ],
    table: {
      head: ['Variant', 'App CPU', 'Database CPU', ...(companions === undefined ? [] : [companions]), 'Sum'],
      rows: rows.map((row) => [
        row.variant.label,
        inWords(row.app),
        inWords(row.database),
        ...(companions === undefined ? [] : [row.companions?.text ?? '–']),
        inWords(row.total),
      ]),
    },
  }
}

/** The name of the third part; undefined where no row has one. */
const companionsOf = ({ companions }: ReportData, rows: readonly Row[]): string | undefined =>
  rows.some((row) => row.companions !== undefined) ? companions : undefined

interface Drawn {
  readonly range: Range
  readonly band: number | undefined
  readonly companions: string | undefined
}

function config(rows: readonly Row[], { range, band, companions }: Drawn, surface: Surface): ChartConfiguration {
  return stackedBars(
    {
      rows,
      range,
      band,
      title: 'µs of CPU per request',
      figures: rows.map((row) => {
        const figure = rowFigure(row.total ?? row.app)
        return { ...figure, end: Math.max(figure.end, row.app.high) }
      }),
      parts: [
        {
          label: 'App CPU',
          colour: 'app',
          bars: rows.map((row) => ({
            length: row.app.value,
            interval: hasDatabase(row) || row.companions !== undefined ? row.app : (row.total ?? row.app),
          })),
        },
        {
          label: 'Database CPU',
          colour: 'database',
          bars: rows.map((row) =>
            hasDatabase(row) && row.total !== undefined && row.database !== undefined
              ? { length: row.database.value, interval: row.companions === undefined ? row.total : undefined }
              : { length: 0 },
          ),
        },
        ...(companions === undefined
          ? []
          : [
              {
                label: companions,
                colour: 'companions' as const,
                bars: rows.map(({ companions: own, total }) =>
                  own === undefined ? { length: 0 } : { length: Math.max(0, own.us), interval: total },
                ),
              },
            ]),
      ],
      words: (row, part) =>
        part === 2 ? (rows[row]?.companions?.text ?? '–') : inWords(part === 0 ? rows[row]?.app : rows[row]?.database),
    },
    surface,
  )
}
