import { standardDeviation } from './samples.ts'
import { studentQuantile } from './student-t.ts'

export interface CoPoint {
  /** What was observed beside it, and does not depend on what is compared. */
  readonly x: number
  readonly y: number
  /** Points of one cluster (a restart) have more in common than x tells. */
  readonly cluster: string
}

export interface ControlVariate {
  /** By how much y grows with x, within groups: least squares. */
  readonly slope: number
  /** Of the slope, between clusters; of a single cluster as if its points were independent. */
  readonly standardError: number
  /** Of the standard error. */
  readonly degreesOfFreedom: number
  readonly points: number
  /** Share of the spread of y within groups that goes with x, 0..1. */
  readonly explained: number
}

/**
 * How y goes with x where each group has a level of its own (analysis of covariance with a common slope; Lavenberg & Welch
 * 1981 on control variates). Subtracting slope times x from y takes out what both have in common, and no more.
 *
 * The standard error is that of the jackknife that leaves out one cluster in turn (Efron & Tibshirani 1993, 11): where one restart of
 * ten was disturbed, the slope is what that restart says, and no better known for its many points.
 *
 * @param leastDegreesOfFreedom points beyond one for each group
 * @returns undefined where points are too few, or do not differ.
 */
export function controlVariate(
  groups: readonly (readonly CoPoint[])[],
  leastDegreesOfFreedom: number,
): ControlVariate | undefined {
  const points = groups.reduce((sum, group) => sum + group.length, 0)
  const sums = groups.map(sumsByCluster)
  const { xx, xy, yy } = within(sums)
  if (points - groups.length < leastDegreesOfFreedom || !(xx > 0) || !(yy > 0)) return undefined
  const slope = xy / xx
  const explained = (slope * xy) / yy
  const clusters = [...new Set(sums.flatMap(({ byCluster }) => [...byCluster.keys()]))]
  if (clusters.length < 2) {
    const degreesOfFreedom = Math.max(1, points - groups.length - 1)
    const standardError = Math.sqrt((yy * (1 - explained)) / degreesOfFreedom / xx)
    return { slope, standardError, degreesOfFreedom, points, explained }
  }
  const without = clusters.map((left) => {
    const rest = within(sums, left)
    // Where no other cluster differs in x, nothing but the one left out speaks for a slope.
    return rest.xx > 1e-9 * xx ? rest.xy / rest.xx : 0
  })
  const degreesOfFreedom = clusters.length - 1
  const standardError = (standardDeviation(without) * degreesOfFreedom) / Math.sqrt(clusters.length)
  return { slope, standardError, degreesOfFreedom, points, explained }
}

interface Sums {
  count: number
  x: number
  y: number
  xx: number
  xy: number
  yy: number
}

interface GroupSums {
  readonly all: Sums
  readonly byCluster: ReadonlyMap<string, Sums>
}

/** Sums over each cluster of a group, of differences from the group's means: so that what is left after taking one away is exact. */
function sumsByCluster(group: readonly CoPoint[]): GroupSums {
  let [meanX, meanY] = [0, 0]
  for (const { x, y } of group) {
    meanX += x / group.length
    meanY += y / group.length
  }
  const all = noSums()
  const byCluster = new Map<string, Sums>()
  for (const { x, y, cluster } of group) {
    const own = byCluster.get(cluster) ?? noSums()
    byCluster.set(cluster, own)
    add(own, x - meanX, y - meanY)
    add(all, x - meanX, y - meanY)
  }
  return { all, byCluster }
}

const noSums = (): Sums => ({ count: 0, x: 0, y: 0, xx: 0, xy: 0, yy: 0 })

function add(sums: Sums, x: number, y: number): void {
  sums.count++
  sums.x += x
  sums.y += y
  sums.xx += x * x
  sums.xy += x * y
  sums.yy += y * y
}

/** Sums of squares and products around the means of each group, without one cluster. */
function within(groups: readonly GroupSums[], left?: string): Pick<Sums, 'xx' | 'xy' | 'yy'> {
  let [xx, xy, yy] = [0, 0, 0]
  for (const { all, byCluster } of groups) {
    const out = left === undefined ? undefined : byCluster.get(left)
    const count = all.count - (out?.count ?? 0)
    if (count === 0) continue
    const [x, y] = [all.x - (out?.x ?? 0), all.y - (out?.y ?? 0)]
    xx += all.xx - (out?.xx ?? 0) - x ** 2 / count
    xy += all.xy - (out?.xy ?? 0) - (x * y) / count
    yy += all.yy - (out?.yy ?? 0) - y ** 2 / count
  }
  return { xx, xy, yy }
}

/** What is known of a slope beforehand: normal. */
export interface PriorSlope {
  readonly mean: number
  readonly standardDeviation: number
}

/** The standard error of a slope from few clusters, enlarged by what Student's t makes of it. */
export const errorAsNormal = ({
  standardError,
  degreesOfFreedom,
}: Pick<ControlVariate, 'standardError' | 'degreesOfFreedom'>): number =>
  (standardError * studentQuantile(0.975, degreesOfFreedom)) / normalQuantile975

/**
 * A slope with what is known of it beforehand, each weighted by how well it is known (empirical Bayes with normal errors; Gelman et
 * al. 2013, 2.5). The error of few clusters is itself known badly, so it counts for as much as Student's t makes of it.
 */
export function withPrior(
  { slope, standardError, degreesOfFreedom }: Pick<ControlVariate, 'slope' | 'standardError' | 'degreesOfFreedom'>,
  prior: PriorSlope,
): { readonly slope: number; readonly halfWidth: number } {
  const known = errorAsNormal({ standardError, degreesOfFreedom }) ** -2
  const before = prior.standardDeviation ** -2
  if (!Number.isFinite(known)) return { slope, halfWidth: 0 }
  return {
    slope: (known * slope + before * prior.mean) / (known + before),
    halfWidth: normalQuantile975 / Math.sqrt(known + before),
  }
}

export const normalQuantile975 = 1.959963984540054
