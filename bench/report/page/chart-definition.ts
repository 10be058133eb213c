import type { ChartConfiguration } from 'chart.js'
import type { ReportData, VariantView } from '../report-data.ts'
import type { Theme } from './theme.ts'

/** What a plot is drawn with: changes with the screen, the colour scheme and on paper. */
export interface Surface {
  readonly theme: Theme
  /** CSS pixels. */
  readonly width: number
  readonly font: string
  /** Whether the reader has not hidden this entry of the legend. */
  shown(id: string): boolean
}

/** One canvas. */
export interface Plot {
  /** Stands above the canvas; absent where the panel's title says it all. */
  readonly title?: string
  height(width: number): number
  config(surface: Surface): ChartConfiguration
}

/** A variant, or another series that has a colour, dash and shape of its own. */
export type LegendEntry = Pick<VariantView, 'id' | 'label' | 'style'>

/** A table of words, the chart's text alternative. */
export interface PlainTable {
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** One state of a figure's switch, for example one load mode. On paper all panels are shown, unless they are many. */
export interface Panel {
  readonly key: string
  readonly label: string
  readonly note: string
  readonly plots: readonly Plot[]
  /** Drawn by the page itself instead of on a canvas, for example a table. */
  readonly content?: () => readonly Node[]
  /** Absent where `content` is the table. */
  readonly table?: PlainTable
  /** What to explain by colour, dash and shape; with `lines`, keys show a line. */
  readonly legend?: { readonly entries: readonly LegendEntry[]; readonly lines: boolean }
  /** Other keys, for example of stacked parts. */
  readonly keys?: readonly { readonly label: string; readonly colour: KeyColour }[]
}

/** Fills of stacked parts, by their name in the theme. */
export type KeyColour = 'app' | 'database' | 'companions' | 'band' | 'reading' | 'checking' | 'judging'

/** A figure of the report. To add one: a file in charts/ that exports this, and its entry in chart-list.ts. */
export interface ChartDefinition {
  readonly id: string
  readonly title: string
  /** For the list of contents. */
  readonly short: string
  /** No panels: the run has nothing to show here, and the figure is left out. */
  panels(data: ReportData): readonly Panel[]
}
