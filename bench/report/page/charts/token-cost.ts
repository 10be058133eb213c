import type { ChartConfiguration } from 'chart.js'
import type { LoadView, ReportData, VariantView } from '../../report-data.ts'
import type { TokenBarView } from '../../tuning-view.ts'
import { quiet, type Range, rangeWithZero, tooltipColours, valueAxis } from '../axis.ts'
import type { ChartDefinition, Panel, Surface } from '../chart-definition.ts'
import { barNames, barTitle, barWhiskers, figureRoom, heightOfRows, rowAxis, rowFigures, zeroAndBand } from '../rows.ts'

interface Row {
  readonly variant: VariantView
  readonly bar: TokenBarView
}

const loop = 'Event loop'
const outside = 'Outside it (thread pool)'
const unseparated = 'Not separable'

/** What checking each token costs, on the event loop and outside it, tokens of one algorithm together. */
export const tokenCost: ChartDefinition = {
  id: 'token-cost',
  title: 'Cost of each token, on the event loop and outside it',
  short: 'Cost of tokens',
  panels(data) {
    const all = data.loads.map((load) => ({ load, rows: rowsOf(data, load) })).filter(({ rows }) => rows.length > 0)
    const range = rangeWithZero(all.flatMap(({ rows }) => rows.flatMap(({ bar }) => [bar.low, bar.high])))
    return all.map(({ load, rows }) => panelOf(load, rows, range))
  },
}

/** In the order of the report: by algorithm. */
const rowsOf = (data: ReportData, load: LoadView): readonly Row[] =>
  (data.tokenTuning?.bars ?? [])
    .filter((bar) => bar.load === load.key)
    .flatMap((bar) => {
      const variant = data.variants.find(({ id }) => id === bar.variant)
      return variant === undefined ? [] : [{ variant, bar }]
    })

function panelOf(load: LoadView, rows: readonly Row[], range: Range): Panel {
  return {
    key: load.key,
    label: load.short,
    note: `${load.title}. µs of app CPU per request over the control, 95 % intervals; beside it the bytes of the credential as sent. Tokens of one algorithm stand together, the cheapest first. Not separable: the loop’s time was longer than all CPU, because it waited for its core.`,
    keys: [
      { label: loop, colour: 'app' },
      { label: outside, colour: 'checking' },
      ...(rows.some(({ bar }) => bar.unseparatedUs > 0) ? [{ label: unseparated, colour: 'reading' } as const] : []),
    ],
    plots: [{ height: heightOfRows(rows, 34), config: (surface) => config(rows, range, surface) }],
    table: {
      head: ['Variant', 'App CPU', loop, outside, 'Signing a token', 'Bytes'],
      rows: rows.map(({ variant, bar }) => [variant.label, ...bar.words]),
    },
  }
}

function config(rows: readonly Row[], range: Range, surface: Surface): ChartConfiguration {
  const { theme } = surface
  const figures = rows.map(({ bar }) => ({ text: bar.figure, end: Math.max(bar.value, bar.high) }))
  const bars = {
    type: 'barWithErrorBars',
    barPercentage: 0.62,
    categoryPercentage: 1,
    stack: 'cpu',
    ...barWhiskers(surface),
  } as const
  return {
    type: 'barWithErrorBars',
    data: {
      labels: barNames(rows, surface.width),
      datasets: [
        {
          ...bars,
          label: loop,
          backgroundColor: theme.app,
          data: rows.map(({ bar }, y) => ({ x: bar.eventLoopUs, y, xMin: [], xMax: [] })),
        },
        {
          ...bars,
          label: outside,
          backgroundColor: theme.checking,
          data: rows.map(({ bar }, y) => ({ x: bar.outsideUs, y, xMin: [], xMax: [] })),
        },
        {
          ...bars,
          label: unseparated,
          backgroundColor: theme.reading,
          data: rows.map(({ bar }, y) => ({ x: bar.unseparatedUs, y, xMin: bar.low, xMax: bar.high })),
        },
      ],
    },
    options: {
      ...quiet,
      indexAxis: 'y',
      layout: figureRoom(figures, surface),
      scales: {
        x: { stacked: true, ...valueAxis(surface, 'µs of app CPU per request', range, 7) },
        y: { stacked: true, ...rowAxis(surface) },
      },
      plugins: {
        legend: { display: false },
        tooltip: {
          ...tooltipColours(surface),
          callbacks: {
            title: barTitle(rows),
            label: (item) =>
              `${item.dataset.label ?? ''}: ${rows[item.dataIndex]?.bar.words[(item.datasetIndex + 1) % 3] ?? ''}`,
          },
        },
      },
    },
    plugins: [zeroAndBand(surface, undefined), rowFigures(figures, surface)],
  }
}
