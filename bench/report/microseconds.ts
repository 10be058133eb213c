import type { Cell } from './report-data.ts'

/** A figure with its bounds, microseconds. */
interface Bounded {
  readonly value: number
  readonly low: number
  readonly high: number
}

/** Decimals that show one digit of the uncertainty; a true minus. */
export function microseconds(value: number, uncertainty: number): string {
  const decimals = uncertainty >= 20 ? 0 : uncertainty >= 2 ? 1 : uncertainty >= 0.02 ? 2 : 3
  const text = value.toLocaleString('en-US', { minimumFractionDigits: decimals, maximumFractionDigits: decimals })
  return /[1-9]/.test(text) ? text.replace('-', '−') : text.replace('-', '')
}

const halfWidth = ({ low, high }: Bounded): number => (high - low) / 2

/** `26.4 ±1.1 µs` */
export const intervalText = (of: Bounded): string =>
  `${microseconds(of.value, halfWidth(of))} ±${microseconds(halfWidth(of), halfWidth(of))} µs`

export const figureCell = (of: Bounded): Cell => ({
  kind: 'figure',
  value: microseconds(of.value, halfWidth(of)),
  interval: `±${microseconds(halfWidth(of), halfWidth(of))}`,
  undecided: false,
})
