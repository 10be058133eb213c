import type { Bounded, TuningFigure } from '../record/tuning.ts'
import type { Cell } from './report-data.ts'
import type { BoundedView } from './tuning-view.ts'

/** Three digits of the value, and enough to see one of its half-width: at most two decimals, as elsewhere in reports. */
function decimalsFor(value: number, half: number): number {
  const ofValue = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2
  const ofHalf = half === 0 || half >= 0.5 ? 0 : half >= 0.05 ? 1 : 2
  return Math.max(ofValue, ofHalf)
}

function fixed(value: number, decimals: number): string {
  const text = value.toLocaleString('en-US', { minimumFractionDigits: decimals, maximumFractionDigits: decimals })
  return /[1-9]/.test(text) ? text.replace('-', '−') : text.replace('-', '')
}

/** A figure of the tuning in a table: symmetric intervals as `±`, others by their bounds. */
export function figureCellOf(figure: TuningFigure): Cell {
  if ('absent' in figure) return { kind: 'absent', reason: figure.absent }
  const { value, low, high } = figure
  const half = (high - low) / 2
  const symmetric = Math.abs(high - value - (value - low)) <= 0.05 * half
  const decimals = decimalsFor(value, half)
  const interval =
    half === 0 ? '' : symmetric ? `±${fixed(half, decimals)}` : `${fixed(low, decimals)} to ${fixed(high, decimals)}`
  return { kind: 'figure', value: fixed(value, decimals), interval, undecided: false }
}

/** A difference, marked where its interval covers nothing at all. */
export function differenceCellOf(figure: TuningFigure): Cell {
  const cell = figureCellOf(figure)
  if (cell.kind !== 'figure' || 'absent' in figure) return cell
  return { ...cell, undecided: figure.low <= 0 && figure.high >= 0 }
}

/** A ratio, to a hundredth. */
export function ratioCellOf(ratio: TuningFigure): Cell {
  if ('absent' in ratio) return { kind: 'absent', reason: ratio.absent }
  const { value, low, high } = ratio
  const interval = low === high ? '' : `${low.toFixed(2)} to ${high.toFixed(2)}`
  return { kind: 'figure', value: value.toFixed(2), interval, undecided: false }
}

export const textCell = (text: string): Cell => ({ kind: 'text', text })

/** `2,310 [2,250, 2,370] req/s` */
export function boundedView({ value, low, high }: Bounded, unit: string): BoundedView {
  const decimals = decimalsFor(value, (high - low) / 2)
  const text = `${fixed(value, decimals)} [${fixed(low, decimals)}, ${fixed(high, decimals)}] ${unit}`
  return { value, low, high, text: text.trimEnd() }
}
