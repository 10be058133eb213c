import type { ChartConfiguration } from 'chart.js'
import type { EstimateView, LoadView, ReportData, VariantView } from '../../report-data.ts'
import { rangeWithZero, valueAxis } from '../axis.ts'
import type { ChartDefinition, Panel, Surface } from '../chart-definition.ts'
import { findEstimate, inWords, loadsWith } from '../lookup.ts'
import { barNames, barOptions, barWhiskers, heightOfRows, rowFigure, rowFigures } from '../rows.ts'

interface Row {
  readonly variant: VariantView
  readonly estimate: EstimateView
  readonly ratio: EstimateView | undefined
}

/** Requests per second at saturation. */
export const throughput: ChartDefinition = {
  id: 'throughput',
  title: 'Throughput at saturation',
  short: 'Throughput',
  panels: (data) =>
    loadsWith(data, { metric: 'requestsPerSecond', kind: 'absolute' })
      .filter(({ mode }) => mode === 'saturation')
      .map((load) => panelOf(data, load)),
}

function panelOf(data: ReportData, load: LoadView): Panel {
  const rows = data.variants.flatMap((variant): readonly Row[] => {
    const wanted = { load: load.key, variant: variant.id, metric: 'requestsPerSecond' }
    const estimate = findEstimate(data, { ...wanted, kind: 'absolute' })
    return estimate === undefined
      ? []
      : [{ variant, estimate, ratio: findEstimate(data, { ...wanted, kind: 'ratio' }) }]
  })
  return {
    key: load.key,
    label: load.short,
    note: `${load.title}. Requests per second that these cores give, app and Postgres together; not the capacity of a service. 95 % intervals.`,
    plots: [
      {
        height: heightOfRows(rows, 34),
        config: (surface) => config(rows, surface),
      },
    ],
    table: {
      head: ['Variant', 'Requests per second', 'Against the control'],
      rows: rows.map(({ variant, estimate, ratio }) => [variant.label, inWords(estimate), inWords(ratio)]),
    },
  }
}

function config(rows: readonly Row[], surface: Surface): ChartConfiguration {
  const { theme } = surface
  const figures = rows.map(({ estimate }) => rowFigure(estimate))
  return {
    type: 'barWithErrorBars',
    data: {
      labels: barNames(rows, surface.width),
      datasets: [
        {
          type: 'barWithErrorBars',
          label: 'Requests per second',
          barPercentage: 0.5,
          categoryPercentage: 1,
          backgroundColor: rows.map(({ variant }) => theme.variant(variant).colour),
          ...barWhiskers(surface),
          data: rows.map(({ estimate }, y) => ({ x: estimate.value, y, xMin: estimate.low, xMax: estimate.high })),
        },
      ],
    },
    options: barOptions(
      {
        rows,
        figures,
        stacked: false,
        x: valueAxis(surface, 'requests per second', rangeWithZero(rows.map(({ estimate }) => estimate.high)), 6),
        label: ({ dataIndex }) => inWords(rows[dataIndex]?.estimate),
      },
      surface,
    ),
    plugins: [rowFigures(figures, surface)],
  }
}
