import { mean } from './samples.ts'

export interface CoPoint {
  /** What was observed beside it, and does not depend on what is compared. */
  readonly x: number
  readonly y: number
}

export interface ControlVariate {
  /** By how much y grows with x, within groups: least squares. */
  readonly slope: number
  /** Of the slope. */
  readonly standardError: number
  readonly points: number
  /** Share of the spread of y within groups that goes with x, 0..1. */
  readonly explained: number
}

/**
 * How y goes with x where each group has a level of its own (analysis of covariance with a common slope; Lavenberg & Welch
 * 1981 on control variates). Subtracting slope times x from y takes out what both have in common, and no more.
 *
 * @param leastDegreesOfFreedom points beyond one for each group
 * @returns undefined where points are too few, or do not differ.
 */
export function controlVariate(
  groups: readonly (readonly CoPoint[])[],
  leastDegreesOfFreedom: number,
): ControlVariate | undefined {
  let [points, xx, xy, yy] = [0, 0, 0, 0]
  for (const group of groups) {
    const meanX = mean(group.map(({ x }) => x))
    const meanY = mean(group.map(({ y }) => y))
    for (const { x, y } of group) {
      points++
      xx += (x - meanX) ** 2
      xy += (x - meanX) * (y - meanY)
      yy += (y - meanY) ** 2
    }
  }
  if (points - groups.length < leastDegreesOfFreedom || !(xx > 0) || !(yy > 0)) return undefined
  const explained = xy ** 2 / (xx * yy)
  const residual = (yy * (1 - explained)) / Math.max(1, points - groups.length - 1)
  return { slope: xy / xx, standardError: Math.sqrt(residual / xx), points, explained }
}
