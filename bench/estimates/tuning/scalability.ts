import type { Absent } from '../../record/slice.ts'
import type { Bounded, Scalability } from '../../record/tuning.ts'
import { leastRestarts } from '../../statistics/restart-interval.ts'
import { type ConcurrencyPoint, fitUsl, type UslParameters, uslPeak, uslThroughput } from '../../statistics/usl.ts'
import type { PoolGrid, PoolVariant } from './pool-grid.ts'
import { requestsPerSecond } from './pool-sources.ts'
import { meanOfRestarts, ownValues, ratioOfRestarts } from './restart-values.ts'

/** Three parameters take more points than three to be held against anything. */
const leastLevels = 5

/** A curve that misses a point by more than this share of it does not describe the points. */
const mostResidual = 0.1

/** Less of the spread between levels explained, and the curve has another shape than the points. */
const leastRSquared = 0.9

/** The Universal Scalability Law for every pool at every distance. */
export function scalabilities(grid: PoolGrid): readonly Scalability[] {
  return grid.pooled.flatMap((variant) => {
    const byRestart = pointsByRestart(grid, variant)
    const points = pointsOf(byRestart)
    const { strategy, poolSize, place } = variant
    return points.length < 2 ? [] : [{ strategy, poolSize, ...place, points, fit: fitOf(byRestart, points) }]
  })
}

type PointsByRestart = ReadonlyMap<string, readonly ConcurrencyPoint[]>

function pointsByRestart({ levels }: PoolGrid, { id }: PoolVariant): PointsByRestart {
  const restarts = new Map<string, ConcurrencyPoint[]>()
  for (const { connections, cell } of levels) {
    for (const [restart, value] of ownValues(cell, id, requestsPerSecond)) {
      restarts.set(restart, [...(restarts.get(restart) ?? []), { connections, requestsPerSecond: value }])
    }
  }
  return restarts
}

function pointsOf(byRestart: PointsByRestart): Scalability['points'] {
  const levels = new Map<number, number[]>()
  for (const { connections, requestsPerSecond: value } of [...byRestart.values()].flat()) {
    levels.set(connections, [...(levels.get(connections) ?? []), value])
  }
  return [...levels]
    .sort(([a], [b]) => a - b)
    .flatMap(([connections, values]) => {
      const interval = meanOfRestarts(values)
      return 'absent' in interval ? [] : [{ connections, requestsPerSecond: interval }]
    })
}

/**
 * One fit a restart, then Student's t over restarts, as for every other figure: levels of one restart share its
 * processes, so that their residuals are not independent and the usual standard errors of a fit would be too small.
 */
function fitOf(byRestart: PointsByRestart, points: Scalability['points']): Scalability['fit'] {
  const refused = (reason: string): Scalability['fit'] => ({ state: 'refused', reason })
  if (points.length < leastLevels) {
    return refused(`${points.length} of at least ${leastLevels} different numbers of connections were measured`)
  }
  const complete = [...byRestart.values()].filter(({ length }) => length === points.length)
  const laws = complete.map(fitUsl).filter((law) => law !== undefined)
  if (laws.length < leastRestarts) {
    return refused(`${laws.length} of at least ${leastRestarts} restarts have a fit over all numbers of connections`)
  }
  const [gamma, sigma, kappa] = [
    meanOfRestarts(laws.map((law) => law.gamma)),
    meanOfRestarts(laws.map((law) => law.sigma)),
    meanOfRestarts(laws.map((law) => law.kappa)),
  ]
  if ('absent' in gamma || 'absent' in sigma || 'absent' in kappa) return refused('too few restarts have a fit')
  if (sigma.high < 0)
    return refused('more connections serve more each (sigma below 0), which the law does not describe')
  if (kappa.high < 0) return refused('throughput rises without bound (kappa below 0), which the law does not describe')
  if (sigma.value > 1) {
    return refused('throughput hardly depends on the connections from the first one on (sigma above 1)')
  }
  const law = { gamma: gamma.value, sigma: sigma.value, kappa: kappa.value }
  const { worstResidual, rSquared } = closeness(law, points)
  if (!(worstResidual <= mostResidual)) {
    return refused(`the curve misses a point by ${percent(worstResidual)}, more than ${percent(mostResidual)}`)
  }
  if (!(rSquared >= leastRSquared)) {
    return refused(
      `the curve explains ${percent(rSquared)} of the spread between levels, less than ${percent(leastRSquared)}`,
    )
  }
  const ofComplete = pointsOf(new Map([...byRestart].filter(([, { length }]) => length === points.length)))
  return { state: 'fitted', gamma, sigma, kappa, peakConnections: peakOf(laws, ofComplete), worstResidual, rSquared }
}

const percent = (share: number): string => `${Number((100 * share).toPrecision(2))} %`

function closeness(
  law: UslParameters,
  points: Scalability['points'],
): { readonly worstResidual: number; readonly rSquared: number } {
  const values = points.map((point) => point.requestsPerSecond.value)
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  let worstResidual = 0
  let left = 0
  let all = 0
  for (const { connections, requestsPerSecond: point } of points) {
    const residual = point.value - uslThroughput(law, connections)
    worstResidual = Math.max(worstResidual, Math.abs(residual) / point.value)
    left += residual ** 2
    all += (point.value - mean) ** 2
  }
  return { worstResidual, rSquared: all > 0 ? 1 - left / all : 0 }
}

/**
 * On logarithms: the peak is a ratio of parameters, and far from symmetric.
 *
 * @param points of the restarts that have all of them, so that a slower restart lowers none alone
 */
function peakOf(laws: readonly UslParameters[], points: Scalability['points']): Bounded | Absent {
  const [first, last] = [points[0]?.connections ?? 1, points[points.length - 1]?.connections ?? 1]
  const noPeak = (why: string): Absent => ({
    absent: `no peak is shown within ${first} to ${last} connections: ${why}`,
  })
  const peaks = laws.map(uslPeak).filter((peak) => peak !== undefined)
  if (peaks.length < laws.length)
    return noPeak(`the fits of ${laws.length - peaks.length} of ${laws.length} restarts have none`)
  const peak = ratioOfRestarts(peaks.map(Math.log))
  if ('absent' in peak) return peak
  if (peak.value > last) {
    return noPeak(`the curve would have it at about ${peak.value.toFixed(0)}, which was not measured`)
  }
  // A curve may bend where the points are level: a peak is one only if throughput is seen to fall behind it.
  const end = points[points.length - 1]
  const falls = points.some((point) => end !== undefined && point.requestsPerSecond.low > end.requestsPerSecond.high)
  return falls ? peak : noPeak(`throughput at ${last} is not shown to be lower than with fewer`)
}
