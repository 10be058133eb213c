import type { EstimateView, LoadView, ReportData, VariantView } from '../../report-data.ts'
import {
  axisTitle,
  quiet,
  rangeWithZero,
  rowFigures,
  rowLabel,
  rowsHeight,
  textWidth,
  tickFont,
  tickText,
  tooltipColours,
} from '../axis.ts'
import type { ChartDefinition, Panel, Surface } from '../chart-definition.ts'
import { findEstimate, inWords, loadsWith } from '../lookup.ts'

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
        height: (width) =>
          rowsHeight(
            rows.map(({ variant }) => variant.label),
            width,
            34,
          ),
        config: (surface) => config(rows, surface),
      },
    ],
    table: {
      head: ['Variant', 'Requests per second', 'Against the control'],
      rows: rows.map(({ variant, estimate, ratio }) => [variant.label, inWords(estimate), inWords(ratio)]),
    },
  }
}

function config(rows: readonly Row[], surface: Surface): ReturnType<Panel['plots'][number]['config']> {
  const { theme } = surface
  const figures = rows.map(({ estimate }) => ({
    text: `${estimate.valueText} ${estimate.intervalText}`,
    end: estimate.high,
  }))
  return {
    type: 'barWithErrorBars',
    data: {
      labels: rows.map(({ variant }) => rowLabel(variant.label, surface.width)),
      datasets: [
        {
          type: 'barWithErrorBars',
          label: 'Requests per second',
          barPercentage: 0.5,
          categoryPercentage: 1,
          backgroundColor: rows.map(({ variant }) => theme.variant(variant).colour),
          errorBarColor: theme.ink,
          errorBarWhiskerColor: theme.ink,
          errorBarLineWidth: 1.25,
          errorBarWhiskerLineWidth: 1.25,
          errorBarWhiskerRatio: 0.4,
          data: rows.map(({ estimate }, y) => ({ x: estimate.value, y, xMin: estimate.low, xMax: estimate.high })),
        },
      ],
    },
    options: {
      ...quiet,
      indexAxis: 'y',
      layout: { padding: { right: Math.max(...figures.map(({ text }) => textWidth(text, surface))) + 14 } },
      scales: {
        x: {
          ...rangeWithZero(rows.map(({ estimate }) => estimate.high)),
          grid: { color: theme.rule },
          border: { display: false },
          title: axisTitle(surface, 'requests per second'),
          ticks: {
            color: theme.muted,
            font: tickFont(surface),
            maxTicksLimit: 6,
            includeBounds: false,
            callback: (value) => tickText(Number(value)),
          },
        },
        y: {
          grid: { display: false },
          border: { display: false },
          ticks: { color: theme.ink, font: tickFont(surface), autoSkip: false },
        },
      },
      plugins: {
        legend: { display: false },
        tooltip: {
          ...tooltipColours(surface),
          callbacks: {
            title: (items) => rows[items[0]?.dataIndex ?? -1]?.variant.label ?? '',
            label: ({ dataIndex }) => inWords(rows[dataIndex]?.estimate),
          },
        },
      },
    },
    plugins: [rowFigures(figures, surface)],
  }
}
