import type { Absent, LoadMode, RecordedHistogram, Slice } from '../record/slice.ts'

/** One entry of the metric table: everything the estimates and the report need to know about a figure. */
export interface Metric {
  /** Public name in results.json; carries its unit. */
  readonly id: string
  /** For tables and charts, sentence case: `App CPU per request`. */
  readonly label: string
  /** `us`, `req/s`, `bytes`, ... as shown behind a value. */
  readonly unit: string
  readonly direction: 'lower-is-better' | 'higher-is-better' | 'neutral'
  /** Load modes in which the figure means something. Order: as shown. */
  readonly loads: readonly LoadMode[]
  /** What is estimated of it. `cost`: variant - control, paired by round. `ratio`: variant / control, on logarithms. */
  readonly kinds: readonly ('absolute' | 'cost' | 'ratio')[]
  /**
   * Load modes in which costs and ratios are estimated; absent: all of `loads`. Closed-loop latency is queueing, so a
   * difference of it says nothing about added latency.
   */
  readonly comparedIn?: readonly LoadMode[]
  /** Whether session against each other candidate is estimated as a paired difference of its own. */
  readonly pairwise: boolean
  readonly source:
    | {
        readonly kind: 'slice'
        value(slice: Slice): number | Absent
        /** Numerator and denominator for the total (sum over sum), where rare costs count in full. */
        total?(slice: Slice): { readonly numerator: number; readonly denominator: number } | Absent
      }
    | {
        /** Estimated from histograms merged per restart; values converted from ns to the metric's unit. */
        readonly kind: 'histogram'
        histogram(slice: Slice): RecordedHistogram | Absent
        readonly quantiles: readonly number[]
        /** Unit values per nanosecond: 0.001 for us. */
        readonly perNs: number
      }
  /** Whether it is CPU time, which is put at one speed of the cores (bench/estimates/core-speed.ts). */
  readonly isCpuTime?: true
  /** The value without its unit, for people: `12.3`, `54,120`. */
  format(value: number): string
}
