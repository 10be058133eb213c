import type { TableSize, TuningFigure } from '../../record/tuning.ts'
import { intervalOfRestarts } from '../../statistics/restart-interval.ts'
import type { Cell } from '../cells.ts'
import type { MergedHistograms } from '../histogram-figures.ts'
import { type PoolGrid, type PoolVariant, placeKey } from './pool-grid.ts'
import { appAndDatabaseCpu, requestsPerSecond, responseTime } from './pool-sources.ts'
import { acrossSets, ownValues, pairedValues, quantileValues, type RestartValues } from './restart-values.ts'

/**
 * Every larger table held against the smallest, with the same pool, at the same distance and concurrency. Tables of two
 * sizes are measured in rounds of their own: so both are taken over the control of theirs, and then compared per restart.
 */
export function tableSizes(grid: PoolGrid, merged: MergedHistograms): readonly TableSize[] {
  return [...bySize(grid).values()].flatMap(([smallest, ...larger]) =>
    smallest === undefined
      ? []
      : larger.flatMap((variant) =>
          grid.levels.flatMap(({ connections, cell }) =>
            cell.variants.has(variant.id) && cell.variants.has(smallest.id)
              ? [{ connections, ...compared({ variant, smallest, cell, control: grid.control, merged }) }]
              : [],
          ),
        ),
  )
}

/** What differs in nothing but the table, ascending by its rows. */
function bySize({ pooled }: PoolGrid): ReadonlyMap<string, readonly PoolVariant[]> {
  const groups = new Map<string, PoolVariant[]>()
  for (const variant of pooled) {
    const { strategy, poolSize, place } = variant
    if (place.sessions === undefined) continue
    const { sessions: _varied, ...elsewhere } = place
    const key = `${strategy} ${poolSize} ${placeKey(elsewhere)}`
    groups.set(key, [...(groups.get(key) ?? []), variant])
  }
  return groups
}

interface Compared {
  readonly variant: PoolVariant
  readonly smallest: PoolVariant
  readonly cell: Cell
  readonly control: string | undefined
  readonly merged: MergedHistograms
}

function compared({ variant, smallest, cell, control, merged }: Compared): Omit<TableSize, 'connections'> {
  const { strategy, poolSize, place } = variant
  const cpuOf = ({ id }: PoolVariant): RestartValues =>
    control === undefined
      ? ownValues(cell, id, appAndDatabaseCpu)
      : pairedValues(cell, [id, control], appAndDatabaseCpu, (own, other) => own - other)
  const rateOf = ({ id }: PoolVariant): RestartValues =>
    control === undefined
      ? ownValues(cell, id, requestsPerSecond)
      : pairedValues(cell, [id, control], requestsPerSecond, (own, other) => own / other)
  const p95Of = ({ id }: PoolVariant): RestartValues =>
    quantileValues(cell, id, { source: responseTime, quantile: 0.95 }, merged)
  return {
    strategy,
    poolSize,
    ...place,
    sessions: place.sessions ?? 1,
    against: smallest.place.sessions ?? 1,
    cpuUs: figureOf(both(cpuOf(variant), cpuOf(smallest), (own, other) => own - other)),
    throughputRatio: ratioOf(both(rateOf(variant), rateOf(smallest), (own, other) => Math.log(own / other))),
    p95Ratio: ratioOf(both(p95Of(variant), p95Of(smallest), (own, other) => Math.log(own / other))),
  }
}

/** One value for each restart that both have. */
const both = (
  own: RestartValues,
  other: RestartValues,
  combine: (own: number, other: number) => number,
): readonly number[] =>
  [...acrossSets(own)].flatMap(([restart, value]) => {
    const theirs = acrossSets(other).get(restart)
    return theirs === undefined ? [] : [combine(value, theirs)].filter(Number.isFinite)
  })

function figureOf(values: readonly number[]): TuningFigure {
  const interval = intervalOfRestarts(values, { rounds: values.length, dropped: 0 })
  return 'absent' in interval ? interval : { value: interval.value, low: interval.low, high: interval.high }
}

function ratioOf(logs: readonly number[]): TuningFigure {
  const figure = figureOf(logs)
  return 'absent' in figure
    ? figure
    : { value: Math.exp(figure.value), low: Math.exp(figure.low), high: Math.exp(figure.high) }
}
