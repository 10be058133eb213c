import { boundsOrAbsent } from '../../record/bounded.ts'
import type { BreakEven, Crossing, TuningFigure } from '../../record/tuning.ts'
import { intervalOfRestarts } from '../../statistics/restart-interval.ts'
import type { Cell } from '../cells.ts'
import type { MergedHistograms } from '../histogram-figures.ts'
import { groupsOf, type PoolGrid, type PoolVariant, placeKey } from './pool-grid.ts'
import { appAndDatabaseCpu, responseTime } from './pool-sources.ts'
import { acrossSets, pairedValues, quantileValues, type RestartValues } from './restart-values.ts'

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

function figureOf(values: readonly number[]): TuningFigure {
  const interval = intervalOfRestarts(values, { rounds: values.length, dropped: 0 })
  return boundsOrAbsent(interval)
}

function inCell(
  { strategy, poolSize, place }: PoolVariant,
  connections: number,
  token: string,
  values: Readonly<Record<Of, RestartValues>>,
): BreakEven {
  const cpuUs = figureOf([...values.cpu.values()])
  const shown: BreakEven['shown'] =
    'absent' in cpuUs ? 'not-measured' : cpuUs.low > 0 ? 'dearer' : cpuUs.high < 0 ? 'cheaper' : 'no-difference-shown'
  const latencyUs = figureOf([...values.latency.values()])
  return { strategy, poolSize, connections, ...place, token, cpuUs, latencyUs, shown }
}

/** Where the difference, linear between the distances measured, passes through nothing: one place a restart. */
function crossingOf(points: readonly LinePoint[]): Crossing['crossing'] {
  const sorted = [...points].sort((a, b) => a.distanceUs - b.distanceUs)
  const none = (reason: string): Crossing['crossing'] => ({ state: 'none', reason })
  const [nearest] = sorted
  if (nearest === undefined) return none('nothing was measured')
  const restarts = [...nearest.byRestart.keys()].filter((name) => sorted.every(({ byRestart }) => byRestart.has(name)))
  if (restarts.length < 3) return none(`${restarts.length} of at least 3 restarts have every distance`)
  const means = sorted.map(({ byRestart }) => figureOf(restarts.map((name) => byRestart.get(name) ?? Number.NaN)))
  const range = `within the ${milliseconds(nearest.distanceUs)} to ${milliseconds(sorted[sorted.length - 1]?.distanceUs ?? 0)} measured`
  if (means.every((mean) => !('absent' in mean) && mean.low > 0))
    return none(`the lookup is dearer everywhere ${range}`)
  if (means.every((mean) => !('absent' in mean) && mean.high < 0))
    return none(`the lookup is cheaper everywhere ${range}`)
  const places = restarts.flatMap((name) => zeroOf(sorted, name) ?? [])
  if (places.length < restarts.length) {
    return none(`the lines cross in ${places.length} of ${restarts.length} restarts ${range}: too near to tell`)
  }
  const place = figureOf(places)
  return 'absent' in place
    ? none(place.absent)
    : { state: 'crosses', dbDelayUs: { ...place, low: Math.max(0, place.low) } }
}

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
