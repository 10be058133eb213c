import type { BreakEven, Crossing, TuningFigure } from '../../record/tuning.ts'
import { leastRestarts } from '../../statistics/restart-interval.ts'
import type { Cell } from '../cells.ts'
import type { MergedHistograms } from '../histogram-figures.ts'
import { groupsOf, type PoolGrid, type PoolVariant, placeKey } from './pool-grid.ts'
import { appAndDatabaseCpu, responseTime } from './pool-sources.ts'
import { acrossSets, meanOfRestarts, pairedValues, quantileValues, type RestartValues } from './restart-values.ts'

/** What is compared: `cpu` is app and database CPU per request, `latency` the median response time at saturation. */
type Of = Crossing['of']

/** Where a lookup and a token meet: in each cell, and along the distance. */
export interface BreakEvens {
  readonly breakEven: readonly BreakEven[]
  readonly crossings: readonly Crossing[]
}

export function breakEvens(grid: PoolGrid, merged: MergedHistograms): BreakEvens {
  const breakEven: BreakEven[] = []
  const lines = new Map<string, { readonly line: Omit<Crossing, 'crossing'>; readonly points: LinePoint[] }>()
  for (const { pools } of groupsOf(grid)) {
    for (const pool of pools) {
      for (const { connections, cell } of grid.levels) {
        if (!cell.variants.has(pool.id)) continue
        for (const { id: token } of grid.tokens) {
          if (!cell.variants.has(token)) continue
          const differences = {
            cpu: cpuDifference(cell, pool.id, token, grid.control),
            latency: latencyDifference(cell, pool.id, token, merged),
          }
          breakEven.push(inCell(pool, connections, token, differences))
          for (const of of ['cpu', 'latency'] as const) {
            const { strategy, poolSize, place } = pool
            const { dbDelayUs, addedDelayUs = dbDelayUs, ...further } = place
            const key = [strategy, poolSize, placeKey({ ...further, dbDelayUs: 0 }), connections, token, of].join(' ')
            const line = { strategy, poolSize, connections, ...further, token, of }
            const known = lines.get(key) ?? { line, points: [] }
            known.points.push({ distanceUs: addedDelayUs, byRestart: differences[of] })
            lines.set(key, known)
          }
        }
      }
    }
  }
  return {
    breakEven,
    crossings: [...lines.values()].flatMap(({ line, points }) =>
      points.length < 2 ? [] : [{ ...line, crossing: crossingOf(points) }],
    ),
  }
}

interface LinePoint {
  /** As obtained, where that was measured: what was asked for says nothing of costs. */
  readonly distanceUs: number
  readonly byRestart: RestartValues
}

/**
 * Both over the control of their own rounds, then one minus the other: a distance from the database is measured in
 * rounds of its own, in which no token stands.
 */
function cpuDifference(cell: Cell, pool: string, token: string, control: string | undefined): RestartValues {
  const minus = (own: number, other: number): number => own - other
  if (control === undefined) return acrossSets(pairedValues(cell, [pool, token], appAndDatabaseCpu, minus))
  return differences(
    pairedValues(cell, [pool, control], appAndDatabaseCpu, minus),
    pairedValues(cell, [token, control], appAndDatabaseCpu, minus),
  )
}

const latencyDifference = (cell: Cell, pool: string, token: string, merged: MergedHistograms): RestartValues =>
  differences(
    quantileValues(cell, pool, { source: responseTime, quantile: 0.5 }, merged),
    quantileValues(cell, token, { source: responseTime, quantile: 0.5 }, merged),
  )

function differences(own: RestartValues, other: RestartValues): RestartValues {
  const values = new Map<string, number>()
  const others = acrossSets(other)
  for (const [restart, value] of acrossSets(own)) {
    const theirs = others.get(restart)
    if (theirs !== undefined) values.set(restart, value - theirs)
  }
  return values
}

function inCell(
  { strategy, poolSize, place }: PoolVariant,
  connections: number,
  token: string,
  values: Readonly<Record<Of, RestartValues>>,
): BreakEven {
  const cpuUs = meanOfRestarts([...values.cpu.values()])
  const shown: BreakEven['shown'] = 'absent' in cpuUs ? 'not-measured' : (sideOf(cpuUs) ?? 'no-difference-shown')
  const latencyUs = meanOfRestarts([...values.latency.values()])
  return { strategy, poolSize, connections, ...place, token, cpuUs, latencyUs, shown }
}

/**
 * Where the difference, linear between the distances measured, passes through nothing: one place a restart. Noise changes
 * its sign as well, so the two ends have to be shown on opposite sides.
 */
function crossingOf(points: readonly LinePoint[]): Crossing['crossing'] {
  const sorted = [...points].sort((a, b) => a.distanceUs - b.distanceUs)
  const notShown = (reason: string): Crossing['crossing'] => ({ state: 'not-shown', reason })
  const [nearest, farthest] = [sorted[0], sorted[sorted.length - 1]]
  if (nearest === undefined || farthest === undefined) return notShown('nothing was measured')
  const restarts = [...nearest.byRestart.keys()].filter((name) => sorted.every(({ byRestart }) => byRestart.has(name)))
  if (restarts.length < leastRestarts)
    return notShown(`${restarts.length} of at least ${leastRestarts} restarts have every distance`)
  const sides = sorted.map(({ byRestart }) =>
    sideOf(meanOfRestarts(restarts.map((name) => byRestart.get(name) ?? Number.NaN))),
  )
  const [first, last] = [sides[0], sides[sides.length - 1]]
  const range = `the ${milliseconds(nearest.distanceUs)} to ${milliseconds(farthest.distanceUs)} measured`
  if (first !== undefined && sides.every((side) => side === first))
    return { state: 'none', reason: `the lookup is ${first} everywhere within ${range}` }
  const open = [...(first === undefined ? [nearest] : []), ...(last === undefined ? [farthest] : [])]
  if (open.length > 0) {
    const where = open.map(({ distanceUs }) => milliseconds(distanceUs)).join(' and ')
    return notShown(`no difference is shown at ${where}`)
  }
  if (first === last) return notShown(`the lookup is ${first} at both ends of ${range}`)
  const places = restarts.flatMap((name) => zeroOf(sorted, name) ?? [])
  if (places.length < restarts.length) {
    return notShown(`the lines cross in ${places.length} of ${restarts.length} restarts within ${range}`)
  }
  const place = meanOfRestarts(places)
  return 'absent' in place
    ? notShown(place.absent)
    : { state: 'crosses', dbDelayUs: { ...place, low: Math.max(0, place.low) } }
}

/** What the lookup is shown to be; undefined where no difference is shown. */
const sideOf = (difference: TuningFigure): 'dearer' | 'cheaper' | undefined =>
  'absent' in difference ? undefined : difference.low > 0 ? 'dearer' : difference.high < 0 ? 'cheaper' : undefined

const milliseconds = (us: number): string => `${Number((us / 1000).toPrecision(3))} ms`

/** The first change of sign along the distance, interpolated. */
function zeroOf(points: readonly LinePoint[], restart: string): number | undefined {
  for (const [index, { distanceUs, byRestart }] of points.entries()) {
    const next = points[index + 1]
    const [here, there] = [byRestart.get(restart), next?.byRestart.get(restart)]
    if (next === undefined || here === undefined || there === undefined) continue
    if (here === 0) return distanceUs
    if (here < 0 !== there < 0) return distanceUs + ((next.distanceUs - distanceUs) * -here) / (there - here)
  }
  return undefined
}
