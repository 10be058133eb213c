import type { ChartConfiguration } from 'chart.js'
import { type Range, valueAxis } from './axis.ts'
import type { KeyColour, Surface } from './chart-definition.ts'
import { barNames, barOptions, barWhiskers, type NamedRow, type RowFigure, rowFigures, zeroAndBand } from './rows.ts'

/** One part of every bar; the parts of a row are stacked in the order given. */
interface BarPart {
  readonly label: string
  readonly colour: KeyColour
  readonly bars: readonly StackedBar[]
}

/** A part of one row; the whisker of an interval stands at its own place on the axis, wherever the part ends. */
interface StackedBar {
  readonly length: number
  readonly interval?: { readonly low: number; readonly high: number } | undefined
}

interface StackedBars {
  readonly rows: readonly NamedRow[]
  readonly parts: readonly BarPart[]
  /** One a row. */
  readonly figures: readonly RowFigure[]
  /** Of the axis, with the unit. */
  readonly title: string
  readonly range: Range
  readonly band?: number | undefined
  /** What a tooltip says of a part behind its name. */
  words(row: number, part: number): string
}

/** Horizontal bars of stacked parts, with whiskers, a zero line, and the noise band where there is one. */
export function stackedBars(bars: StackedBars, surface: Surface): ChartConfiguration {
  const { rows, parts, figures, title, range, band, words } = bars
  return {
    type: 'barWithErrorBars',
    data: {
      labels: barNames(rows, surface.width),
      datasets: parts.map(({ label, colour, bars: ofRows }) => ({
        type: 'barWithErrorBars',
        barPercentage: 0.62,
        categoryPercentage: 1,
        stack: 'parts',
        ...barWhiskers(surface),
        label,
        backgroundColor: surface.theme[colour],
        // An empty interval draws no whisker.
        data: ofRows.map(({ length, interval }, y) => ({
          x: length,
          y,
          xMin: interval?.low ?? [],
          xMax: interval?.high ?? [],
        })),
      })),
    },
    options: barOptions(
      {
        rows,
        figures,
        stacked: true,
        x: valueAxis(surface, title, range, 7),
        label: ({ dataset, dataIndex, datasetIndex }) => `${dataset.label ?? ''}: ${words(dataIndex, datasetIndex)}`,
      },
      surface,
    ),
    plugins: [zeroAndBand(surface, band), rowFigures(figures, surface)],
  }
}
