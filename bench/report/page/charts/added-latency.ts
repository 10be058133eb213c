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
  zeroAndBand,
} from '../axis.ts'
import type { ChartDefinition, Panel, Plot, Surface } from '../chart-definition.ts'
import { findEstimate, inWords, loadsWith } from '../lookup.ts'

const quantiles = [
  { quantile: 0.5, name: 'p50' },
  { quantile: 0.99, name: 'p99' },
] as const

interface Row {
  readonly variant: VariantView
  readonly estimate: EstimateView
}

/** Latency over the control, where it means something: at a fixed rate and unloaded, never at saturation. */
export const addedLatency: ChartDefinition = {
  id: 'added-latency',
  title: 'Added latency over the control',
  short: 'Added latency',
  panels: (data) =>
    loadsWith(data, { metric: 'latencyUs', kind: 'cost', quantile: 0.5 })
      .filter(({ mode }) => mode !== 'saturation')
      .map((load) => panelOf(data, load)),
}

const rowsOf = (data: ReportData, load: LoadView, quantile: number): readonly Row[] =>
  data.variants.flatMap((variant) => {
    const estimate = findEstimate(data, {
      load: load.key,
      variant: variant.id,
      metric: 'latencyUs',
      kind: 'cost',
      quantile,
    })
    return estimate === undefined ? [] : [{ variant, estimate }]
  })

function panelOf(data: ReportData, load: LoadView): Panel {
  const found = quantiles
    .map((entry) => ({ ...entry, rows: rowsOf(data, load, entry.quantile) }))
    .filter(({ rows }) => rows.length > 0)
  const variants = data.variants.filter(({ id }) =>
    found.some(({ rows }) => rows.some(({ variant }) => variant.id === id)),
  )
  const from =
    load.mode === 'fixed-rate' ? 'from the scheduled start to the last byte' : 'from sending to the last byte'
  return {
    key: load.key,
    label: load.short,
    note: `${load.title}, ${from}. µs, difference of the percentiles, 95 % intervals.${found.length < quantiles.length ? ' p99 is absent: too few responses lie beyond it.' : ''}`,
    plots: found.map(
      ({ name, rows }): Plot => ({
        title: `${name}, added`,
        height: (width) =>
          rowsHeight(
            rows.map(({ variant }) => variant.label),
            width,
            32,
          ),
        config: (surface) => config(name, rows, surface),
      }),
    ),
    table: {
      head: ['Variant', ...found.map(({ name }) => `${name}, added`)],
      rows: variants.map(({ id, label }) => [
        label,
        ...found.map(({ rows }) => inWords(rows.find(({ variant }) => variant.id === id)?.estimate)),
      ]),
    },
  }
}

function config(name: string, rows: readonly Row[], surface: Surface): ReturnType<Plot['config']> {
  const { theme } = surface
  const figures = rows.map(({ estimate }) => ({
    text: `${estimate.valueText} ${estimate.intervalText}`,
    end: estimate.high,
  }))
  const twin = rows.find(({ variant }) => variant.role === 'twin')?.estimate
  const band = twin === undefined ? undefined : Math.max(Math.abs(twin.low), Math.abs(twin.high))
  return {
    type: 'scatterWithErrorBars',
    data: {
      datasets: rows.map(({ variant, estimate }, y) => {
        const style = theme.variant(variant)
        return {
          type: 'scatterWithErrorBars',
          label: variant.label,
          // No interval on y: an empty one draws nothing.
          data: [{ x: estimate.value, y, xMin: estimate.low, xMax: estimate.high, yMin: [], yMax: [] }],
          pointStyle: style.shape,
          // Elements with error bars take these without the prefix that plain points have.
          radius: 5,
          hoverRadius: 6,
          backgroundColor: style.colour,
          borderColor: style.colour,
          borderWidth: 1.5,
          errorBarColor: style.colour,
          errorBarWhiskerColor: style.colour,
          errorBarLineWidth: 2,
          errorBarWhiskerLineWidth: 2,
          errorBarWhiskerSize: 10,
        }
      }),
    },
    options: {
      ...quiet,
      layout: { padding: { right: Math.max(...figures.map(({ text }) => textWidth(text, surface))) + 14 } },
      scales: {
        x: {
          ...rangeWithZero(rows.flatMap(({ estimate }) => [estimate.low, estimate.high])),
          grid: { color: theme.rule },
          border: { display: false },
          title: axisTitle(surface, `added ${name}, µs`),
          ticks: {
            color: theme.muted,
            font: tickFont(surface),
            maxTicksLimit: 6,
            includeBounds: false,
            callback: (value) => tickText(Number(value)),
          },
        },
        y: {
          min: -0.6,
          max: rows.length - 0.4,
          reverse: true,
          grid: { display: false },
          border: { display: false },
          afterBuildTicks: (axis) => {
            axis.ticks = rows.map((_, value) => ({ value }))
          },
          ticks: {
            color: theme.ink,
            font: tickFont(surface),
            autoSkip: false,
            callback: (value) => rowLabel(rows[Number(value)]?.variant.label ?? '', surface.width),
          },
        },
      },
      plugins: {
        legend: { display: false },
        tooltip: {
          ...tooltipColours(surface),
          callbacks: {
            label: ({ datasetIndex }) =>
              `${rows[datasetIndex]?.variant.label ?? ''}: ${inWords(rows[datasetIndex]?.estimate)}`,
          },
        },
      },
    },
    plugins: [zeroAndBand(surface, band), rowFigures(figures, surface)],
  }
}
