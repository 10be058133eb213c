import type { ChartConfiguration, ChartType, Plugin, TooltipItem } from 'chart.js'
import type { EstimateView, VariantView } from '../report-data.ts'
import { narrow, quiet, tickFont, tooltipOf } from './axis.ts'
import type { Plot, Surface } from './chart-definition.ts'

/** A row of a chart of named rows. */
export interface NamedRow {
  readonly variant: VariantView
}

/** A label in lines of at most `characters`, broken at spaces; chart.js draws an array as lines. */
export function brokenLabel(label: string, characters: number): string | string[] {
  const lines: string[] = []
  for (const word of label.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= characters) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines.length === 1 ? label : lines
}

/** Names of rows, broken on a narrow surface. */
export const rowLabel = (label: string, width: number): string | string[] => brokenLabel(label, narrow(width) ? 18 : 26)

/** Height of a chart of named rows: axis below, rows of at least `least` pixels, more where a name takes more lines. */
export function rowsHeight(labels: readonly string[], width: number, least: number): number {
  const lines = Math.max(1, ...labels.map((label) => [rowLabel(label, width)].flat().length))
  return 56 + labels.length * Math.max(least, lines * 15 + 6)
}

/** The same for rows of variants, as a plot has it. */
export const heightOfRows =
  (rows: readonly NamedRow[], least: number): Plot['height'] =>
  (width) =>
    rowsHeight(
      rows.map(({ variant }) => variant.label),
      width,
      least,
    )

/** The names of bars. */
export const barNames = (rows: readonly NamedRow[], width: number): (string | string[])[] =>
  rows.map(({ variant }) => rowLabel(variant.label, width))

/** The axis that names the rows: no lines, no frame, every name written. */
export const rowAxis = (surface: Surface) => ({
  grid: { display: false },
  border: { display: false },
  ticks: { color: surface.theme.ink, font: tickFont(surface), autoSkip: false },
})

/** What a chart of horizontal bars needs beside its bars. */
interface BarOptions {
  readonly rows: readonly NamedRow[]
  /** One a row. */
  readonly figures: readonly RowFigure[]
  readonly x: NonNullable<NonNullable<ChartConfiguration['options']>['scales']>[string]
  readonly stacked: boolean
  readonly label: (item: TooltipItem<ChartType>) => string
}

/** Horizontal bars: figures behind them, names left of them, a tooltip titled by the row. */
export const barOptions = ({ rows, figures, x, stacked, label }: BarOptions, surface: Surface) =>
  ({
    ...quiet,
    indexAxis: 'y',
    layout: figureRoom(figures, surface),
    scales: { x: { stacked, ...x }, y: { stacked, ...rowAxis(surface) } },
    plugins: tooltipOf(surface, { title: (items) => rows[items[0]?.dataIndex ?? -1]?.variant.label ?? '', label }),
  }) as const

/** Whiskers on bars, in ink because they must show on every colour. */
export const barWhiskers = ({ theme }: Surface) => ({
  errorBarColor: theme.ink,
  errorBarWhiskerColor: theme.ink,
  errorBarLineWidth: 1.25,
  errorBarWhiskerLineWidth: 1.25,
  errorBarWhiskerRatio: 0.4,
})

/** A figure written at the end of its row; `end` is a value on the x axis. */
export interface RowFigure {
  readonly text: string
  readonly end: number
}

export const rowFigure = ({ valueText, intervalText, high }: EstimateView): RowFigure => ({
  text: `${valueText} ${intervalText}`,
  end: high,
})

/** Room right of the longest row for its figure. */
export const figureRoom = (figures: readonly RowFigure[], surface: Surface) => ({
  padding: { right: Math.max(...figures.map(({ text }) => textWidth(text, surface))) + 14 },
})

/** Pixels that a text takes in the charts' font. */
function textWidth(text: string, surface: Surface): number {
  const context = document.createElement('canvas').getContext('2d')
  if (context === null) return text.length * 7
  context.font = `${tickFont(surface).size}px ${surface.font}`
  return context.measureText(text).width
}

/** Writes each row's figure right of where its bar or whisker ends. `ends` are values on the x axis. */
export const rowFigures = (rows: readonly RowFigure[], surface: Surface): Plugin => ({
  id: 'rowFigures',
  afterDatasetsDraw({ ctx, scales }) {
    const { x, y } = scales
    if (x === undefined || y === undefined) return
    ctx.save()
    ctx.font = `${tickFont(surface).size}px ${surface.font}`
    ctx.fillStyle = surface.theme.ink
    ctx.textBaseline = 'middle'
    rows.forEach(({ text, end }, index) => {
      ctx.fillText(text, x.getPixelForValue(Math.max(0, end)) + 9, y.getPixelForValue(index))
    })
    ctx.restore()
  },
})

/** A zero line, and the noise band around it as a shade, behind the data. */
export const zeroAndBand = (surface: Surface, band: number | undefined): Plugin => ({
  id: 'zeroAndBand',
  beforeDatasetsDraw({ ctx, scales, chartArea }) {
    const { x } = scales
    if (x === undefined) return
    ctx.save()
    if (band !== undefined && band > 0) {
      const from = x.getPixelForValue(-band)
      ctx.fillStyle = surface.theme.band
      ctx.fillRect(from, chartArea.top, x.getPixelForValue(band) - from, chartArea.height)
    }
    ctx.fillStyle = surface.theme.muted
    ctx.fillRect(Math.round(x.getPixelForValue(0)) - 0.5, chartArea.top, 1, chartArea.height)
    ctx.restore()
  },
})

/** The noise band that a cost of the twin stands for: the larger end of its interval. */
export const bandOf = (twin: EstimateView | undefined): number | undefined =>
  twin === undefined ? undefined : Math.max(Math.abs(twin.low), Math.abs(twin.high))
