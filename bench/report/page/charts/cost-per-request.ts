import type { ChartConfiguration } from 'chart.js'
import type { EstimateView, LoadView, ReportData, VariantView } from '../../report-data.ts'
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
}

/** CPU that a request costs more than without authentication, app and database stacked. */
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
    return [{ variant, app, database: find('databaseCpuUsPerRequest'), total: find('totalCpuUsPerRequest') }]
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
      itself === undefined ? '' : `The control itself takes ${inWords(itself)} of app CPU.`,
    ]
      .filter((sentence) => sentence !== '')
      .join(' '),
    keys: [
      { label: 'App CPU', colour: 'app' },
      ...(databaseKnown ? [{ label: 'Database CPU', colour: 'database' } as const] : []),
      ...(band === undefined ? [] : [{ label: 'Noise band', colour: 'band' } as const]),
    ],
    plots: [
      {
        height: heightOfRows(rows, 38),
        config: (surface) => config(rows, range, band, surface),
      },
    ],
    table: {
      head: ['Variant', 'App CPU', 'Database CPU', 'Sum'],
      rows: rows.map(({ variant, app, database, total }) => [
        variant.label,
        inWords(app),
        inWords(database),
        inWords(total),
      ]),
    },
  }
}

function config(rows: readonly Row[], range: Range, band: number | undefined, surface: Surface): ChartConfiguration {
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
            interval: hasDatabase(row) ? row.app : (row.total ?? row.app),
          })),
        },
        {
          label: 'Database CPU',
          colour: 'database',
          bars: rows.map((row) =>
            hasDatabase(row) && row.total !== undefined && row.database !== undefined
              ? { length: row.database.value, interval: row.total }
              : { length: 0 },
          ),
        },
      ],
      words: (row, part) => inWords(part === 0 ? rows[row]?.app : rows[row]?.database),
    },
    surface,
  )
}
