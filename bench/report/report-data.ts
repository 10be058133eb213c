/** What the report's page gets: small, plain, already worded. Types only, so that the page can share them. */

import type { TokenTuningView, TuningView } from './tuning-view.ts'

/** A way of loading (mode and Node flags) within which figures may be compared. */
export interface LoadView {
  /** `fixed-rate/2000`, with `+production` behind it for production's own Node flags. */
  readonly key: string
  readonly mode: 'saturation' | 'fixed-rate' | 'unloaded' | 'bad-traffic'
  /** `Fixed rate (open loop, 2,000 req/s)` */
  readonly title: string
  /** `fixed rate, 2,000 req/s` */
  readonly short: string
}

export interface VariantView {
  readonly id: string
  readonly label: string
  readonly role: 'control' | 'twin' | 'candidate'
  /** The id under which it was checked: `session` for `session@pool=2`. */
  readonly checked: string
  /** Stable number that colour, dash and point shape derive from: 0 control, 1 twin, candidates from 2. */
  readonly style: number
}

/** One estimate, with its number for charts and its words for tables. */
export interface EstimateView {
  readonly variant: string
  readonly baseline?: string
  readonly metric: string
  readonly metricLabel: string
  readonly quantile?: number
  readonly unit: string
  readonly kind: 'absolute' | 'cost' | 'ratio'
  readonly load: string
  readonly value: number
  readonly low: number
  readonly high: number
  readonly valueText: string
  readonly intervalText: string
  readonly confidence: number
  readonly verdict?: 'different' | 'no-difference-shown'
  readonly adjustedP?: number
  readonly method: string
  readonly restarts: number
  readonly rounds: number
  readonly totalText?: string
}

/** CPU cost of a variant with a clock of its own, whose share of misses in ordinary slices is not that of use. */
export interface SteadyCostView
  extends Pick<EstimateView, 'variant' | 'load' | 'value' | 'low' | 'high' | 'valueText' | 'intervalText' | 'unit'> {
  /** In windows in which its share of misses was steady, or derived from its hits and misses for its real period. */
  readonly from: 'measured' | 'derived'
}

/** What a request of a variant costs in the Redis or auth service that it asks, microseconds. */
export interface CompanionCostView {
  readonly variant: string
  readonly load: string
  /** All CPU less that of app and database. */
  readonly us: number
  readonly text: string
}

/** A cell of a comparison table. `absent` cells say why. */
export type Cell =
  | { readonly kind: 'figure'; readonly value: string; readonly interval: string; readonly undecided: boolean }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'absent'; readonly reason: string }

export interface Column {
  readonly label: string
  /** Shown once in the head; empty for words. */
  readonly unit: string
}

/** A comparison table: one row a variant. Terminal, Markdown and page all draw these. */
export interface Section {
  readonly title: string
  /** What the figures are, in a sentence or two. */
  readonly note: string
  readonly columns: readonly Column[]
  readonly rows: readonly { readonly variant: string; readonly label: string; readonly cells: readonly Cell[] }[]
}

/** A response-time curve: `points` are `[quantile, microseconds]`, ascending, as far as 50 responses lie beyond. */
export interface CurveView {
  readonly load: string
  readonly variant: string
  readonly responses: number
  readonly points: readonly (readonly [number, number])[]
}

/** A distribution on logarithmic bins: `bins` are `[microseconds at the bin's middle, share of the highest bin]`. */
export interface DistributionView {
  readonly load: string
  readonly variant: string
  readonly responses: number
  readonly medianUs: number
  readonly bins: readonly (readonly [number, number])[]
}

/** One slice as a point: nothing is averaged. */
export interface SlicePoint {
  readonly load: string
  readonly variant: string
  readonly set: number
  readonly restart: number
  readonly round: number
  /** Order of the slice within its load, over the whole run, 0-based. */
  readonly order: number
  /** By metric id; a figure that is missing has no entry. */
  readonly values: Readonly<Record<string, number>>
  /** Empty for a valid slice. */
  readonly doubts: readonly string[]
}

export interface WarningView {
  readonly severity: 'high' | 'low'
  readonly message: string
  readonly remedy: string
  readonly about: string
}

/** A name and what it is, for the facts about environment and method. */
export interface Fact {
  readonly name: string
  readonly value: string
}

export interface GateView {
  readonly variant: string
  readonly label: string
  readonly passed: number
  readonly total: number
  /** Names of checks that failed. */
  readonly failed: readonly string[]
  /** Attacks left out, because the strategy says that it does not withstand them. */
  readonly unguarded: readonly string[]
  /** Why the variant was not measured; absent where it was. */
  readonly leftOut?: string
}

/** A known amount and what was found of it, microseconds per request. */
export interface CalibrationPoint {
  readonly variant: string
  readonly load: string
  readonly amount: 'cpu' | 'wait'
  readonly injectedUs: number
  readonly recoveredUs: number
  readonly lowUs: number
  readonly highUs: number
  /** Injected, recovered, error, and what that means. */
  readonly words: readonly string[]
}

/** For how long a variant goes on as before after what should end or change that. */
export interface RevocationView {
  readonly variant: string
  readonly event: 'logout' | 'role-change' | 'user-deletion'
  /** 0: seen from the next request on. Absent: without a bound. */
  readonly lagS?: number
  /** False: what the variant's promise comes to, longer than could be waited for. */
  readonly measured: boolean
  /** What was measured, and the formula. */
  readonly words: readonly string[]
}

/** What a `calibrate` run shows of the machine. */
export interface CalibrationView {
  readonly sections: readonly Section[]
  readonly notes: readonly string[]
  readonly facts: readonly Fact[]
  readonly points: readonly CalibrationPoint[]
}

/** A part of a step, as the chart of a `micro` run stacks it. */
export interface StepPartView {
  readonly name: string
  /** CPU per call, microseconds. */
  readonly us: number
}

/** One variant's step in process, and what it costs over HTTP. */
export interface StepView {
  readonly variant: string
  readonly parts: readonly StepPartView[]
  /** App CPU cost over HTTP at saturation; absent where it was not measured. */
  readonly http?: { readonly us: number; readonly lowUs: number; readonly highUs: number }
  /** Step and share, for the end of the bar. */
  readonly figure: string
  /** The step, the cost over HTTP, the share, what remains. */
  readonly words: readonly string[]
}

/** What a `micro` run shows of the steps in process. */
export interface MicroView {
  readonly sections: readonly Section[]
  readonly notes: readonly string[]
  readonly steps: readonly StepView[]
}

export interface ReportData {
  /** Of the document: the heading and the run. */
  readonly title: string
  /** The question that the report answers. */
  readonly heading: string
  /** What, when and where, in a line. */
  readonly lead: string
  readonly state: 'running' | 'complete' | 'interrupted' | 'failed'
  /** What `state` means for the reader; absent for a complete run. */
  readonly stateNote?: string
  readonly headline: readonly string[]
  /** Absent for a run that recovered no known costs. */
  readonly calibration?: CalibrationView
  /** Absent for a run that was not to tune a pool. */
  readonly tuning?: TuningView
  /** Absent for a run that was not to tune a token. */
  readonly tokenTuning?: TokenTuningView
  /** Absent for a run that timed no step in process. */
  readonly micro?: MicroView
  readonly loads: readonly LoadView[]
  /** Key of the load that figures open at: the one that the headline begins with. Absent where it tells no cost. */
  readonly opensAt?: string
  readonly variants: readonly VariantView[]
  readonly estimates: readonly EstimateView[]
  /** Only of variants with a clock of their own. */
  readonly steadyCosts: readonly SteadyCostView[]
  /** What the total includes beside app and database: `Redis, auth service`; empty where there is nothing. */
  readonly companions: string
  readonly companionCosts: readonly CompanionCostView[]
  readonly sections: readonly Section[]
  readonly pairwise: readonly Section[]
  readonly properties: Section
  /** Tables that only some runs have. */
  readonly extras: readonly Section[]
  readonly revocation: readonly RevocationView[]
  readonly absent: readonly {
    readonly label: string
    readonly figure: string
    readonly load: string
    readonly reason: string
  }[]
  readonly noiseBands: readonly Fact[]
  readonly curves: readonly CurveView[]
  readonly distributions: readonly DistributionView[]
  readonly slices: readonly SlicePoint[]
  readonly warnings: readonly WarningView[]
  readonly gate: readonly GateView[]
  readonly attacks: readonly string[]
  readonly environment: readonly Fact[]
  readonly method: readonly Fact[]
}
