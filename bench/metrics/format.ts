/**
 * A number for people: three significant digits below 1,000, whole numbers with thousands separators above.
 * `0.123`, `12.3`, `1,235`.
 */
export function formatSignificant(value: number): string {
  const size = Math.abs(value)
  // Rounded first, so that 999.6 becomes 1,000 and 99.96 becomes 100.
  const rounded = Number(size.toPrecision(3))
  const decimals = rounded >= 100 ? 0 : rounded >= 10 ? 1 : 2
  const text = size.toLocaleString('en-US', { minimumFractionDigits: decimals, maximumFractionDigits: decimals })
  return value < 0 && /[1-9]/.test(text) ? `-${text}` : text
}

/** The same with which a sentence begins. */
export const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

/** Bytes as people read them: `512`, `1,204`, `78.1 million`. */
export const formatBytes = (value: number): string =>
  Math.abs(value) >= 1e6 ? `${formatSignificant(value / 1e6)} million` : Math.round(value).toLocaleString('en-US')

/** A whole number with thousands separators: `54,120`. */
export const formatWhole = (value: number): string => Math.round(value).toLocaleString('en-US')
