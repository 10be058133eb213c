/** A straight line through points. */
export interface Line {
  readonly at0: number
  readonly slope: number
}

/**
 * Ordinary least squares of y on x.
 *
 * @returns undefined where the x do not differ.
 */
export function lineThrough(points: readonly { readonly x: number; readonly y: number }[]): Line | undefined {
  const n = points.length
  const meanX = points.reduce((sum, { x }) => sum + x, 0) / n
  const meanY = points.reduce((sum, { y }) => sum + y, 0) / n
  const spread = points.reduce((sum, { x }) => sum + (x - meanX) ** 2, 0)
  if (!(spread > 0)) return undefined
  const slope = points.reduce((sum, { x, y }) => sum + (x - meanX) * (y - meanY), 0) / spread
  return { at0: meanY - slope * meanX, slope }
}
