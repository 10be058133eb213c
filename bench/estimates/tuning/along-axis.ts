import type { InstanceCount, TableSize } from '../../record/tuning.ts'
import { leastRestarts } from '../../statistics/restart-interval.ts'
import type { Cell } from '../cells.ts'
import type { MergedHistograms } from '../histogram-figures.ts'
import type { SliceSource } from '../slice-figures.ts'
import { type PoolGrid, type PoolPlace, type PoolVariant, placeKey } from './pool-grid.ts'
import { appAndDatabaseCpu, requestsPerSecond, responseTime } from './pool-sources.ts'
import {
  acrossSets,
  meanOfRestarts,
  ownValues,
  pairedValues,
  quantileValues,
  type RestartValues,
  ratioOfRestarts,
} from './restart-values.ts'

/** Every larger table held against the smallest, with the same pool, at the same distance and concurrency. */
export const tableSizes = (grid: PoolGrid, merged: MergedHistograms): readonly TableSize[] =>
  alongAxis(grid, merged, 'sessions').map(({ variant, first, ...found }) => ({
    ...whereOf(variant, found),
    sessions: variant.place.sessions ?? 1,
    against: first.place.sessions ?? 1,
    ...found.ratios,
  }))

/** Every larger number of app instances held against the fewest, each with the same pool, at the same distance and concurrency. */
export const instanceCounts = (grid: PoolGrid, merged: MergedHistograms): readonly InstanceCount[] =>
  alongAxis(grid, merged, 'appInstances').map(({ variant, first, ...found }) => ({
    ...whereOf(variant, found),
    appInstances: variant.place.appInstances ?? 1,
    against: first.place.appInstances ?? 1,
    requestsPerSecond: meanOfRestarts([...ownValues(found.cell, variant.id, requestsPerSecond).values()]),
    againstRequestsPerSecond: meanOfRestarts([...ownValues(found.cell, first.id, requestsPerSecond).values()]),
    ...found.ratios,
  }))

const whereOf = ({ strategy, poolSize, place }: PoolVariant, { connections }: Pick<OnAxis, 'connections'>) => ({
  strategy,
  poolSize,
  connections,
  ...place,
})

interface OnAxis {
  readonly variant: PoolVariant
  /** What differs from it in nothing but the axis, and has the least there. */
  readonly first: PoolVariant
  readonly connections: number
  readonly cell: Cell
  readonly ratios: Pick<TableSize, 'cpuUs' | 'throughputRatio' | 'p95Ratio'>
}

function alongAxis(
  grid: PoolGrid,
  merged: MergedHistograms,
  axis: Exclude<keyof PoolPlace, 'dbDelayUs' | 'addedDelayUs'>,
): readonly OnAxis[] {
  const groups = new Map<string, PoolVariant[]>()
  for (const variant of grid.pooled) {
    const { strategy, poolSize, place } = variant
    if (place[axis] === undefined) continue
    const key = `${strategy} ${poolSize} ${placeKey({ ...place, [axis]: undefined })}`
    groups.set(key, [...(groups.get(key) ?? []), variant])
  }
  return [...groups.values()].flatMap(([first, ...others]) =>
    first === undefined
      ? []
      : others.flatMap((variant) =>
          grid.levels.flatMap(({ connections, cell }) =>
            cell.variants.has(variant.id) && cell.variants.has(first.id)
              ? [{ variant, first, connections, cell, ratios: ratiosOf([variant, first], cell, grid.control, merged) }]
              : [],
          ),
        ),
  )
}

type Pair = readonly [own: PoolVariant, other: PoolVariant]

function ratiosOf([own, other]: Pair, cell: Cell, control: string | undefined, merged: MergedHistograms) {
  const p95Of = ({ id }: PoolVariant): RestartValues =>
    quantileValues(cell, id, { source: responseTime, quantile: 0.95 }, merged)
  const paired = (source: SliceSource, combine: Combine) => compared([own, other], cell, control, source, combine)
  return {
    cpuUs: meanOfRestarts(paired(appAndDatabaseCpu, (a, b) => a - b)),
    throughputRatio: ratioOfRestarts(paired(requestsPerSecond, (a, b) => Math.log(a / b))),
    p95Ratio: ratioOfRestarts(both(p95Of(own), p95Of(other), (a, b) => Math.log(a / b))),
  }
}

type Combine = (own: number, other: number) => number

/**
 * One value for each restart: from rounds in which both stand, where enough restarts have any. Tables of two sizes never
 * share a round, nor do sets, and large groups seldom: there each is taken over the control of its own rounds, and the two are compared per restart.
 *
 * @param combine a difference (or the logarithm of a ratio), so that of two over one control the control cancels out
 */
function compared(
  [own, other]: Pair,
  cell: Cell,
  control: string | undefined,
  source: SliceSource,
  combine: Combine,
): readonly number[] {
  const direct = [...pairedValues(cell, [own.id, other.id], source, combine).values()].filter(Number.isFinite)
  if (direct.length >= leastRestarts) return direct
  if (control === undefined) return both(ownValues(cell, own.id, source), ownValues(cell, other.id, source), combine)
  const overControl = ({ id }: PoolVariant): RestartValues => pairedValues(cell, [id, control], source, combine)
  return both(overControl(own), overControl(other), (a, b) => a - b)
}

/** One value for each restart that both have. */
const both = (own: RestartValues, other: RestartValues, combine: Combine): readonly number[] => {
  const others = acrossSets(other)
  return [...acrossSets(own)].flatMap(([restart, value]) => {
    const theirs = others.get(restart)
    return theirs === undefined ? [] : [combine(value, theirs)].filter(Number.isFinite)
  })
}
