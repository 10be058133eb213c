import { checkedId, type Results, type VariantRecord } from '../../record/run.ts'
import { type Cell, cellsOf } from '../cells.ts'

/** A candidate of the sweep, and its place in the grid. */
export interface PoolVariant {
  readonly id: string
  /** Id without deployment. */
  readonly strategy: string
  readonly poolSize: number
  readonly dbDelayUs: number
}

/** A sweep of pools, sorted: who was measured where. */
export interface PoolGrid {
  /** By strategy, distance and pool size, ascending. */
  readonly pooled: readonly PoolVariant[]
  /** Candidates that no pool or distance was varied of, to break even with. */
  readonly tokens: readonly VariantRecord[]
  readonly control: string | undefined
  /** Closed loop by number of connections, ascending. */
  readonly levels: readonly { readonly connections: number; readonly cell: Cell }[]
}

/** Candidates of one strategy at one distance: pools that compete. */
export interface PoolGroup {
  readonly strategy: string
  readonly dbDelayUs: number
  readonly pools: readonly PoolVariant[]
}

/** Sorts a record into the grid of its sweep. */
export function poolGrid({ plan, slices }: Pick<Results, 'plan' | 'slices'>): PoolGrid {
  const measured = plan.variants.filter(({ state }) => state === 'measured')
  const candidates = measured.filter(({ role }) => role === 'candidate')
  const isSwept = ({ deployment }: VariantRecord): boolean =>
    deployment?.poolSize !== undefined || deployment?.dbDelayUs !== undefined
  const pooled = candidates.filter(isSwept).map((variant) => ({
    id: variant.id,
    strategy: checkedId(variant),
    poolSize: variant.deployment?.poolSize ?? plan.poolSize,
    dbDelayUs: variant.deployment?.dbDelayUs ?? 0,
  }))
  const levels = cellsOf(slices).flatMap((cell) =>
    cell.load.mode === 'saturation' && cell.group === 'default' ? [{ connections: cell.load.connections, cell }] : [],
  )
  return {
    pooled: pooled.sort(
      (a, b) => a.strategy.localeCompare(b.strategy) || a.dbDelayUs - b.dbDelayUs || a.poolSize - b.poolSize,
    ),
    tokens: candidates.filter((variant) => !isSwept(variant)),
    control: measured.find(({ role }) => role === 'control')?.id,
    levels: levels.sort((a, b) => a.connections - b.connections),
  }
}

/** The pools that compete with one another. */
export function groupsOf({ pooled }: PoolGrid): readonly PoolGroup[] {
  const groups = new Map<string, { strategy: string; dbDelayUs: number; pools: PoolVariant[] }>()
  for (const variant of pooled) {
    const key = `${variant.strategy} ${variant.dbDelayUs}`
    const group = groups.get(key) ?? { strategy: variant.strategy, dbDelayUs: variant.dbDelayUs, pools: [] }
    group.pools.push(variant)
    groups.set(key, group)
  }
  return [...groups.values()]
}
