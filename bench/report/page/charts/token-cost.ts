import type { ChartConfiguration } from 'chart.js'
import type { LoadView, ReportData, VariantView } from '../../report-data.ts'
import type { TokenBarView } from '../../tuning-view.ts'
import { type Range, rangeWithZero } from '../axis.ts'
import type { ChartDefinition, Panel, Surface } from '../chart-definition.ts'
import { heightOfRows } from '../rows.ts'
import { stackedBars } from '../stacked-bars.ts'

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
  return stackedBars(
    {
      rows,
      range,
      title: 'µs of app CPU per request',
      figures: rows.map(({ bar }) => ({ text: bar.figure, end: Math.max(bar.value, bar.high) })),
      parts: [
        { label: loop, colour: 'app', bars: rows.map(({ bar }) => ({ length: bar.eventLoopUs })) },
        { label: outside, colour: 'checking', bars: rows.map(({ bar }) => ({ length: bar.outsideUs })) },
        {
          label: unseparated,
          colour: 'reading',
          bars: rows.map(({ bar }) => ({ length: bar.unseparatedUs, interval: bar })),
        },
      ],
      words: (row, part) => rows[row]?.bar.words[(part + 1) % 3] ?? '',
    },
    surface,
  )
}
