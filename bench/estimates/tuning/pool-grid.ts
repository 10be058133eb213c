import type { DbDelay } from '../../record/environment.ts'
import { checkedId, type Results, type VariantRecord } from '../../record/run.ts'
import { type Cell, cellsOf } from '../cells.ts'

/** Where pools compete with one another. */
export interface PoolPlace {
  /** Round trip asked for between server and Postgres, microseconds; 0 for none. */
  readonly dbDelayUs: number
  /** What the delay proxy was found to add, at the median; absent where there is none. */
  readonly addedDelayUs?: number
  /** Rows of the table of sessions; absent where the sweep does not vary them. */
  readonly sessions?: number
  /** App instances, each with a pool of the size that competes; absent where the sweep does not vary them. */
  readonly appInstances?: number
}

/** A candidate of the sweep, and its place in the grid. */
export interface PoolVariant {
  readonly id: string
  /** Id without deployment. */
  readonly strategy: string
  readonly poolSize: number
  readonly place: PoolPlace
}

/** A sweep of pools, sorted: who was measured where. */
export interface PoolGrid {
  /** By strategy, distance, table, app instances and pool size, ascending. */
  readonly pooled: readonly PoolVariant[]
  /** Candidates that no pool or distance was varied of, to break even with. */
  readonly tokens: readonly VariantRecord[]
  readonly control: string | undefined
  /** Closed loop by number of connections, ascending. */
  readonly levels: readonly { readonly connections: number; readonly cell: Cell }[]
}

/** Candidates of one strategy at one place: pools that compete. */
export interface PoolGroup {
  readonly strategy: string
  readonly place: PoolPlace
  readonly pools: readonly PoolVariant[]
}

/** What a grid is made of; without the environment, distances are those asked for. */
export type PoolRecord = Pick<Results, 'plan' | 'slices'> & { readonly environment?: Results['environment'] }

/** Sorts a record into the grid of its sweep. */
export function poolGrid({ plan, slices, environment }: PoolRecord): PoolGrid {
  const measured = plan.variants.filter(({ state }) => state === 'measured')
  const candidates = measured.filter(({ role }) => role === 'candidate')
  const isSwept = ({ deployment }: VariantRecord): boolean =>
    [deployment?.poolSize, deployment?.dbDelayUs, deployment?.sessions, deployment?.instances].some(
      (value) => value !== undefined,
    )
  const pooled = candidates.filter(isSwept).map((variant) => ({
    id: variant.id,
    strategy: checkedId(variant),
    poolSize: variant.deployment?.poolSize ?? plan.poolSize,
    place: placeOf(variant, environment?.dbDelays ?? []),
  }))
  const levels = cellsOf(slices).flatMap((cell) =>
    cell.load.mode === 'saturation' && cell.group === 'default' ? [{ connections: cell.load.connections, cell }] : [],
  )
  return {
    pooled: pooled.sort(
      (a, b) =>
        a.strategy.localeCompare(b.strategy) ||
        a.place.dbDelayUs - b.place.dbDelayUs ||
        (a.place.sessions ?? 0) - (b.place.sessions ?? 0) ||
        (a.place.appInstances ?? 0) - (b.place.appInstances ?? 0) ||
        a.poolSize - b.poolSize,
    ),
    tokens: candidates.filter((variant) => !isSwept(variant)),
    control: measured.find(({ role }) => role === 'control')?.id,
    levels: levels.sort((a, b) => a.connections - b.connections),
  }
}

function placeOf({ deployment = {} }: VariantRecord, delays: readonly DbDelay[]): PoolPlace {
  const { dbDelayUs = 0, sessions, instances } = deployment
  const added = delays.find(({ askedUs }) => askedUs === dbDelayUs)?.addedUs.p50
  return {
    dbDelayUs,
    ...(added === undefined ? {} : { addedDelayUs: Math.max(0, added) }),
    ...(sessions === undefined ? {} : { sessions }),
    ...(instances === undefined ? {} : { appInstances: instances }),
  }
}

/** What tells places apart, as the record has it. */
export interface PlaceInRecord {
  readonly dbDelayUs: number
  readonly sessions?: number | undefined
  readonly appInstances?: number | undefined
}

/** Tells places apart, within one record. */
export const placeKey = ({ dbDelayUs, sessions, appInstances }: PlaceInRecord): string =>
  `${dbDelayUs} ${sessions ?? ''} ${appInstances ?? ''}`

/** The pools that compete with one another. */
export function groupsOf({ pooled }: PoolGrid): readonly PoolGroup[] {
  const groups = new Map<string, { strategy: string; place: PoolPlace; pools: PoolVariant[] }>()
  for (const variant of pooled) {
    const key = `${variant.strategy} ${placeKey(variant.place)}`
    const group = groups.get(key) ?? { strategy: variant.strategy, place: variant.place, pools: [] }
    group.pools.push(variant)
    groups.set(key, group)
  }
  return [...groups.values()]
}
