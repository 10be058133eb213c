import type { ChartConfiguration } from 'chart.js'
import type { SeriesView } from '../tuning-view.ts'
import { quiet, type Range, tooltipOf } from './axis.ts'
import type { LegendEntry, PlainTable, Surface } from './chart-definition.ts'
import { pointLook } from './point-look.ts'

type Datasets = ChartConfiguration['data']['datasets']

/** Keys of series, which have no id but their name. */
export const seriesEntries = (series: readonly SeriesView[]): readonly LegendEntry[] =>
  series.map(({ label, style }) => ({ id: label, label, style }))

/** Everything that the y axis must hold. */
export const extentOf = (series: readonly SeriesView[]): readonly number[] =>
  series.flatMap(({ points }) => points.flatMap(({ value, low, high }) => [value, low, high]))

/** All distinct places on the x axis, ascending. */
export const placesOf = (series: readonly SeriesView[]): readonly number[] =>
  [...new Set(series.flatMap(({ points }) => points.map(({ x }) => x)))].sort((a, b) => a - b)

/**
 * Points with their intervals, and a line through them.
 *
 * @param lowest what a logarithmic y axis begins at: an interval that reaches zero ends there
 */
export const lineThroughPoints = (
  series: readonly SeriesView[],
  { theme }: Surface,
  lowest = Number.NEGATIVE_INFINITY,
): Datasets =>
  series.flatMap(({ label, style, points }): Datasets => {
    const look = theme.variant({ style })
    return [
      { type: 'scatterWithErrorBars', label, ...pointsWithBars(points, look, lowest) },
      {
        type: 'line',
        label,
        data: points.map(({ x, value }) => ({ x, y: Math.max(value, lowest) })),
        borderColor: look.colour,
        borderDash: [...look.dash],
        borderWidth: 1.5,
        pointRadius: 0,
        pointHitRadius: 0,
      },
    ]
  })

/** The points alone, for a dataset. */
export const pointsWithBars = (
  points: SeriesView['points'],
  look: Parameters<typeof pointLook>[0],
  lowest = Number.NEGATIVE_INFINITY,
) => ({
  data: points.map(({ x, value, low, high }) => ({
    x,
    y: Math.max(value, lowest),
    yMin: Math.max(low, lowest),
    yMax: Math.max(high, lowest),
    xMin: [],
    xMax: [],
  })),
  ...pointLook(look, 4.5, 1.5),
  hoverRadius: 5,
  borderWidth: 1.25,
  errorBarWhiskerSize: 8,
})

/** Options of a chart of series: what a tooltip says, and the axes. */
export const seriesOptions = (
  series: readonly SeriesView[],
  surface: Surface,
  xText: (x: number) => string,
): Pick<NonNullable<ChartConfiguration['options']>, 'interaction' | 'layout' | 'plugins'> & typeof quiet => ({
  ...quiet,
  interaction: { mode: 'nearest', intersect: true },
  layout: { padding: { right: 12, top: 4 } },
  plugins: tooltipOf(surface, {
    label: ({ dataset, parsed }) => {
      const point = series.find(({ label }) => label === dataset.label)?.points.find(({ x }) => x === parsed.x)
      return `${xText(parsed.x ?? 0)}: ${point?.text ?? ''}`
    },
  }),
})

/** The axis of a few measured sizes or counts: a line and a name at each, and nowhere else. */
export const ticksAt = (places: readonly number[]) => ({
  afterBuildTicks: (axis: { ticks: { value: number }[] }) => {
    axis.ticks = places.map((value) => ({ value }))
  },
})

/** Room left and right of the first and last place on a logarithmic axis. */
export const aroundPlaces = (places: readonly number[]): Range => ({
  min: Math.min(...places) / 1.25,
  max: Math.max(...places) * 1.25,
})

/** A row for each place, a column for each series. */
export const seriesTable = (
  series: readonly SeriesView[],
  placeName: string,
  xText: (x: number) => string,
): PlainTable => ({
  head: [placeName, ...series.map(({ label }) => label)],
  rows: placesOf(series).map((place) => [
    xText(place),
    ...series.map(({ points }) => points.find(({ x }) => x === place)?.text ?? '–'),
  ]),
})
