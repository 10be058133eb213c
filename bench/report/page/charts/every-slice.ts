import type { ChartConfiguration } from 'chart.js'
import type { LoadView, ReportData, SlicePoint, VariantView } from '../../report-data.ts'
import { axisTitle, logAxis, quiet, tickFont, tooltipOf } from '../axis.ts'
import type { ChartDefinition, Panel, Surface } from '../chart-definition.ts'
import { panelsPerLoad } from '../lookup.ts'
import type { Shape } from '../theme.ts'

const appCpu = { metric: 'appCpuUsPerRequest', name: 'app CPU', unit: 'µs', title: 'App CPU per request, µs' } as const

const figures = [
  { ...appCpu, mode: 'saturation' },
  { ...appCpu, mode: 'fixed-rate' },
  {
    metric: 'databaseCpuUsPerRequest',
    name: 'database CPU',
    unit: 'µs',
    mode: 'saturation',
    title: 'Database CPU per request, µs',
  },
  {
    metric: 'requestsPerSecond',
    name: 'requests/s',
    unit: 'req/s',
    mode: 'saturation',
    title: 'Requests per second',
  },
] as const

type Figure = (typeof figures)[number]

const hasNoInside: ReadonlySet<Shape> = new Set<Shape>(['cross', 'crossRot', 'star'])

interface Series {
  readonly variant: VariantView
  readonly points: readonly SlicePoint[]
}

/** Every measured slice as a point, in the order of measuring: drift, outliers and bad restarts can be seen. */
export const everySlice: ChartDefinition = {
  id: 'slices',
  title: 'Every round as a point',
  short: 'Every round',
  panels: (data) =>
    figures.flatMap((figure) =>
      panelsPerLoad(
        data,
        data.loads.filter(({ mode }) => mode === figure.mode),
        (load, variant) => seriesOf(data, load, variant, figure),
        (load, series) => panelOf(load, series, figure, data.loads),
      ),
    ),
}

function seriesOf(data: ReportData, load: LoadView, variant: VariantView, { metric }: Figure): Series | undefined {
  // A logarithmic axis has no zero; a database that did nothing is no point.
  const points = data.slices.filter(
    (slice) => slice.load === load.key && slice.variant === variant.id && (slice.values[metric] ?? 0) > 0,
  )
  return points.length === 0 ? undefined : { variant, points }
}

const figureOf = (point: SlicePoint, { metric }: Figure): number => point.values[metric] ?? 0

/** Median of what is drawn; for the text alternative only. */
const middle = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0

function panelOf(load: LoadView, series: readonly Series[], figure: Figure, loads: readonly LoadView[]): Panel {
  const doubtful = series.reduce((sum, { points }) => sum + points.filter(({ doubts }) => doubts.length > 0).length, 0)
  const text = (value: number): string =>
    `${value.toLocaleString('en-US', { maximumSignificantDigits: 4 })} ${figure.unit}`
  return {
    key: `${figure.metric} ${load.key}`,
    label: `${figure.name}, ${loads.filter(({ mode }) => mode === load.mode).length > 1 || load.mode === 'fixed-rate' ? load.short : load.mode}`,
    note: `${load.title}. ${figure.title}, absolute, one point a slice, in order of measuring; shades alternate with restarts. ${doubtful === 0 ? 'No slice shown was doubtful.' : `Hollow points, ${doubtful} of them, are doubtful and left out of estimates.`}`,
    legend: { entries: series.map(({ variant }) => variant), lines: false },
    plots: [
      {
        height: (width) => Math.min(420, Math.max(300, width * 0.45)),
        config: (surface) => config(series, figure, surface),
      },
    ],
    table: {
      head: ['Variant', 'Slices', 'Doubtful', 'Lowest', 'Middle', 'Highest'],
      rows: series.map(({ variant, points }) => {
        const values = points.map((point) => figureOf(point, figure))
        return [
          variant.label,
          String(points.length),
          String(points.filter(({ doubts }) => doubts.length > 0).length),
          text(Math.min(...values)),
          text(middle(values)),
          text(Math.max(...values)),
        ]
      }),
    },
  }
}

/** Where each restart begins and ends on the axis of slices. */
export function restartSpans(
  points: readonly SlicePoint[],
): readonly { readonly restart: number; readonly from: number; readonly to: number }[] {
  const spans: { restart: number; from: number; to: number }[] = []
  for (const { restart, order } of [...points].sort((a, b) => a.order - b.order)) {
    const last = spans.at(-1)
    if (last !== undefined && last.restart === restart) last.to = order
    else spans.push({ restart, from: order, to: order })
  }
  return spans
}

function config(all: readonly Series[], figure: Figure, surface: Surface): ChartConfiguration {
  const { theme } = surface
  const series = all.filter(({ variant }) => surface.shown(variant.id))
  const points = all.flatMap((entry) => entry.points)
  const spans = restartSpans(points)
  const values = points.map((point) => figureOf(point, figure))
  return {
    type: 'scatter',
    data: {
      datasets: series.map(({ variant, points: own }) => {
        const style = theme.variant(variant)
        return {
          type: 'scatter' as const,
          label: variant.label,
          data: own.map((point) => ({ x: point.order, y: figureOf(point, figure) })),
          clip: false as const,
          // Crosses have no inside to leave hollow.
          pointStyle: own.map(({ doubts }) =>
            doubts.length > 0 && hasNoInside.has(style.shape) ? 'circle' : style.shape,
          ),
          pointRadius: own.map(({ doubts }) => (doubts.length > 0 ? 4.5 : 3)),
          pointBackgroundColor: own.map(({ doubts }) => (doubts.length > 0 ? theme.paper : style.colour)),
          pointBorderColor: style.colour,
          pointBorderWidth: own.map(({ doubts }) => (doubts.length > 0 ? 1.5 : 1)),
        }
      }),
    },
    options: {
      ...quiet,
      interaction: { mode: 'nearest', intersect: true },
      layout: { padding: { right: 12 } },
      scales: {
        x: {
          type: 'linear',
          min: -0.5,
          max: Math.max(...points.map(({ order }) => order)) + 0.5,
          grid: { display: false },
          border: { color: theme.rule },
          title: axisTitle(surface, 'restart'),
          afterBuildTicks: (axis) => {
            axis.ticks = spans.map(({ from, to }) => ({ value: (from + to) / 2 }))
          },
          ticks: {
            color: theme.muted,
            font: tickFont(surface),
            autoSkip: true,
            maxRotation: 0,
            callback: (value) =>
              String((spans.find(({ from, to }) => from <= Number(value) && Number(value) <= to)?.restart ?? 0) + 1),
          },
        },
        y: logAxis(surface, `${figure.title} (logarithmic)`, {
          min: Math.min(...values) * 0.93,
          max: Math.max(...values) * 1.07,
        }),
      },
      plugins: tooltipOf(surface, {
        label: ({ datasetIndex, dataIndex }) => {
          const point = series[datasetIndex]?.points[dataIndex]
          if (point === undefined) return ''
          const value = `${figureOf(point, figure).toPrecision(4)} ${figure.unit}, restart ${point.restart + 1}, round ${point.round + 1}`
          return [value, ...point.doubts.map((doubt) => `doubtful, ${doubt}`)]
        },
      }),
    },
    plugins: [
      {
        id: 'restarts',
        beforeDatasetsDraw({ ctx, scales, chartArea }) {
          const { x } = scales
          if (x === undefined) return
          ctx.save()
          ctx.fillStyle = theme.band
          ctx.globalAlpha = 0.5
          spans.forEach(({ from, to }, index) => {
            if (index % 2 === 0) return
            const left = x.getPixelForValue(from - 0.5)
            ctx.fillRect(left, chartArea.top, x.getPixelForValue(to + 0.5) - left, chartArea.height)
          })
          ctx.restore()
        },
      },
    ],
  }
}
