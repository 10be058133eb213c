/** What `tune pool` and `tune token` add to the page's data (report-data.ts). */

import type { Section } from './report-data.ts'

/** A point with its interval and its words. */
export interface BoundedView {
  readonly value: number
  readonly low: number
  readonly high: number
  /** `2,310 [2,250, 2,370] req/s` */
  readonly text: string
}

/** A cell of a heat map, or why it is empty. */
export type HeatCell = (BoundedView & { readonly recommended: boolean }) | { readonly absent: string }

/** Rows are pool sizes, columns connections, both ascending. */
export interface HeatMapView {
  /** Names the tab, where maps of throughput and p95 with the same title stand together: `Session, 0.5 ms away`. */
  readonly title: string
  readonly metric: 'throughput' | 'p95'
  readonly unit: string
  /** Which way colour runs: high throughput is good, high p95 is not. */
  readonly better: 'higher' | 'lower'
  readonly poolSizes: readonly number[]
  readonly connections: readonly number[]
  /** `cells[row][column]`. */
  readonly cells: readonly (readonly HeatCell[])[]
}

/** A named series of points with intervals over a number. */
export interface SeriesView {
  readonly label: string
  /** Stable number that colour, dash and point shape derive from. */
  readonly style: number
  readonly points: readonly (BoundedView & { readonly x: number })[]
}

/** Pool wait (mean, microseconds) against pool size: one chart a distance, one series a number of connections. */
export interface PoolWaitView {
  readonly title: string
  readonly series: readonly SeriesView[]
}

/** Throughput over connections: measured points, and the fitted curve `[connections, requests per second]` if any. */
export interface ScalabilityView {
  readonly title: string
  readonly points: SeriesView
  readonly curve: readonly (readonly [number, number])[]
  /** Connections at the peak; absent where none is shown. */
  readonly peak?: BoundedView
  /** The parameters in words, or why there is no fit. */
  readonly note: string
}

/** Cost against distance from the database (x: added round trip, microseconds), one line a strategy. */
export interface DistanceView {
  readonly title: string
  /** What is drawn, in a sentence. */
  readonly note: string
  /** `us CPU` or `us`. */
  readonly unit: string
  /** Tokens do not ask the database: their line is level, its points at both ends of the range. */
  readonly series: readonly SeriesView[]
  /** Where lines cross, a sentence each. */
  readonly crossings: readonly string[]
}

/** What a `tune pool` run shows. */
export interface TuningView {
  readonly heatMaps: readonly HeatMapView[]
  readonly poolWaits: readonly PoolWaitView[]
  readonly scalability: readonly ScalabilityView[]
  readonly distances: readonly DistanceView[]
  readonly sections: readonly Section[]
  /** What could not be measured here and other remarks, a sentence each. */
  readonly notes: readonly string[]
}

/** A token's cost under one load, as a bar of two parts, microseconds per request over the control. */
export interface TokenBarView {
  readonly variant: string
  readonly load: string
  /** App CPU. */
  readonly value: number
  readonly low: number
  readonly high: number
  /** The parts; together the app CPU. */
  readonly eventLoopUs: number
  readonly outsideUs: number
  /** All of it, where event loop and thread pool took the core from each other. */
  readonly unseparatedUs: number
  /** Cost and bytes, for the end of the bar. */
  readonly figure: string
  /** App CPU, event loop, outside it, signing, bytes. */
  readonly words: readonly string[]
}

/** What a `tune token` run shows. */
export interface TokenTuningView {
  readonly sections: readonly Section[]
  readonly notes: readonly string[]
  /** By load, then by algorithm. */
  readonly bars: readonly TokenBarView[]
}
