import type { ChartConfiguration } from 'chart.js'
import type { EstimateView, LoadView, ReportData, VariantView } from '../../report-data.ts'
import { quiet, rangeWithZero, tooltipColours, valueAxis } from '../axis.ts'
import type { ChartDefinition, Panel, Plot, Surface } from '../chart-definition.ts'
import { findEstimate, inWords, loadsWith } from '../lookup.ts'
import { pointLook } from '../point-look.ts'
import { bandOf, figureRoom, heightOfRows, rowAxis, rowFigure, rowFigures, rowLabel, zeroAndBand } from '../rows.ts'

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
      .filter(({ mode }) => mode !== 'saturation' && mode !== 'bad-traffic')
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
        height: heightOfRows(rows, 32),
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

function config(name: string, rows: readonly Row[], surface: Surface): ChartConfiguration {
  const { theme } = surface
  const figures = rows.map(({ estimate }) => rowFigure(estimate))
  const band = bandOf(rows.find(({ variant }) => variant.role === 'twin')?.estimate)
  const names = rowAxis(surface)
  return {
    type: 'scatterWithErrorBars',
    data: {
      datasets: rows.map(({ variant, estimate }, y) => ({
        type: 'scatterWithErrorBars',
        label: variant.label,
        // No interval on y: an empty one draws nothing.
        data: [{ x: estimate.value, y, xMin: estimate.low, xMax: estimate.high, yMin: [], yMax: [] }],
        ...pointLook(theme.variant(variant), 5, 2),
        hoverRadius: 6,
        borderWidth: 1.5,
        errorBarWhiskerSize: 10,
      })),
    },
    options: {
      ...quiet,
      layout: figureRoom(figures, surface),
      scales: {
        x: valueAxis(
          surface,
          `added ${name}, µs`,
          rangeWithZero(rows.flatMap(({ estimate }) => [estimate.low, estimate.high])),
          6,
        ),
        y: {
          min: -0.6,
          max: rows.length - 0.4,
          reverse: true,
          ...names,
          afterBuildTicks: (axis) => {
            axis.ticks = rows.map((_, value) => ({ value }))
          },
          ticks: {
            ...names.ticks,
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
