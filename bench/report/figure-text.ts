import { metrics } from '../metrics/table.ts'
import type { Estimate } from '../record/estimate.ts'
import type { VariantRecord } from '../record/run.ts'
import type { Cell } from './report-data.ts'

/** Micro sign and multiplication sign for people; `results.json` and CSV keep the plain unit. */
export const displayUnit = (unit: string): string => (unit === 'us' ? 'µs' : unit)

const metricTable = new Map(metrics.map((metric) => [metric.id, metric]))

/** A metric's name for people. A file of a newer version may hold metrics this one does not know: then its id. */
export const metricLabel = (id: string): string => metricTable.get(id)?.label ?? id

/** A metric's unit for people; empty for a metric this version does not know. */
export const metricUnit = (id: string): string => displayUnit(metricTable.get(id)?.unit ?? '')

const formatter = (estimate: Pick<Estimate, 'metric' | 'kind'>): ((value: number) => string) => {
  if (estimate.kind === 'ratio') return (value) => value.toFixed(3)
  const metric = metricTable.get(estimate.metric)
  return metric === undefined ? (value) => String(Number(value.toPrecision(4))) : (value) => metric.format(value)
}

/** A value in the metric's own format, with a true minus sign. */
export const valueText = (estimate: Pick<Estimate, 'metric' | 'kind'>, value: number): string =>
  withMinus(formatter(estimate)(value))

/** A value and its interval as they stand side by side. */
export interface FigureText {
  readonly value: string
  /** `±1.1` where the interval is symmetric, else `48.0 to 55.3`; empty for a figure that does not vary. */
  readonly interval: string
}

/**
 * Words for an estimate. Value and half-width have equally many decimals, enough for one digit of the half-width to be
 * seen: `51.2 ±1.1`, `117.2 ±0.3`, `1,235 ±31`.
 */
export function figureText(estimate: Pick<Estimate, 'metric' | 'kind' | 'value' | 'low' | 'high'>): FigureText {
  const plain = valueText(estimate, estimate.value)
  const up = estimate.high - estimate.value
  const down = estimate.value - estimate.low
  const half = (up + down) / 2
  if (half === 0) return { value: plain, interval: '' }
  if (Math.abs(up - down) > 0.02 * half) {
    return {
      value: plain,
      interval: `${valueText(estimate, estimate.low)} to ${valueText(estimate, estimate.high)}`,
    }
  }
  // A format with words in it (`78.1 million`) is left as it is.
  if (!/^−?[\d,.]+$/.test(plain)) return { value: plain, interval: `±${valueText(estimate, half)}` }
  const shown = /\.(\d+)/.exec(plain)?.[1]?.length ?? 0
  const needed = half >= 0.5 ? 0 : half >= 0.05 ? 1 : 2
  const decimals = Math.max(shown, needed)
  const text = (value: number): string =>
    value.toLocaleString('en-US', { minimumFractionDigits: decimals, maximumFractionDigits: decimals })
  return { value: withMinus(text(estimate.value)), interval: `±${text(half)}` }
}

/** A true minus sign, and none before a zero. */
const withMinus = (text: string): string => (/[1-9]/.test(text) ? text.replace('-', '−') : text.replace('-', ''))

/** The unit a value of this estimate is shown with: ratios are pure numbers. */
export const estimateUnit = (estimate: Estimate): string =>
  estimate.kind === 'ratio' ? '×' : displayUnit(estimate.unit)

/** 0.5 -> `p50`, 0.999 -> `p99.9`. */
export const quantileName = (quantile: number): string => `p${Number((quantile * 100).toFixed(4))}`

/** `next request`, `within 30 s`, `at expiry (15 min)`: for how long a revoked credential is still accepted. */
export function revocationText(revocation: VariantRecord['revocation']): string {
  switch (revocation.kind) {
    case 'not-applicable':
      return 'not applicable'
    case 'next-request':
      return 'next request'
    case 'within':
      return `within ${durationText(revocation.ms)}`
    case 'at-expiry':
      return `at expiry (${durationText(revocation.lifetimeS * 1000)})`
    case 'when-unused':
      return `once unused for ${durationText(revocation.idleS * 1000)}`
  }
}

/** A duration in the largest unit in which it is whole, else seconds: `250 ms`, `90 s`, `15 min`, `2 h`. */
export function durationText(ms: number): string {
  if (ms < 1000) return `${Number(ms.toPrecision(3))} ms`
  if (ms % 3_600_000 === 0) return `${ms / 3_600_000} h`
  if (ms % 60_000 === 0) return `${ms / 60_000} min`
  return `${Number((ms / 1000).toFixed(ms < 10_000 ? 2 : ms < 100_000 ? 1 : 0))} s`
}

/** Sentences with the sign that people write for micro. */
export const withMicroSign = (sentence: string): string => sentence.replace(/(?<=\d\)?) us\b/g, ' µs')

/** A whole number with its thousands told apart. */
export const whole = (value: number): string => value.toLocaleString('en-US', { maximumFractionDigits: 0 })

export const textCell = (text: string): Cell => ({ kind: 'text', text })
