/**
 * Quantile type 7 (Hyndman & Fan 1996; the default of R and NumPy): linear between order statistics.
 *
 * @param sorted ascending, not empty
 * @param quantile 0..1
 * @throws {RangeError} when `sorted` is empty
 */
export function quantileOfSorted(sorted: ArrayLike<number>, quantile: number): number {
  const position = (sorted.length - 1) * quantile
  const low = Math.floor(position)
  const below = sorted[low]
  if (below === undefined)
    throw new RangeError('A quantile of no values was asked for. Check for an empty sample first.')
  const above = sorted[low + 1] ?? below
  return below + (position - low) * (above - below)
}

/** Quantile type 7 of values in any order; see {@link quantileOfSorted}. */
export const quantile = (values: readonly number[], at: number): number =>
  quantileOfSorted(new Float64Array(values).sort(), at)

/** The middle value, or the mean of the two middle ones. @throws {RangeError} when there is none */
export const median = (values: readonly number[]): number => quantile(values, 0.5)

export const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0)

/** Arithmetic mean; NaN of no values. */
export const mean = (values: readonly number[]): number => sumOf(values) / values.length

/** Standard deviation of a sample (n - 1); NaN of fewer than two values. */
export const standardDeviation = (values: readonly number[]): number => {
  const center = mean(values)
  let squares = 0
  for (const value of values) squares += (value - center) ** 2
  return values.length < 2 ? Number.NaN : Math.sqrt(squares / (values.length - 1))
}
