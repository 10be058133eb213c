import type { Results, Warning } from '../record/run.ts'
import type { Slice } from '../record/slice.ts'
import { median } from '../statistics/samples.ts'
import { type Cell, type Comparison, cellsOf, comparisonsOf, participants } from './cells.ts'
import { pairsOf } from './slice-figures.ts'

/**
 * A variant's dearest round over its cheapest within one start, each in units of the control of the same round. Quiet and
 * disturbed runs on a shared machine gave 1.02 to 1.23 (median of the restarts), sessions that were still being compiled
 * while they were measured 1.32 to 1.75.
 */
const unsettledSpread = 1.3
/** And so many times the spread of the twin, which is that of the machine. */
const overTwin = 1.15

/**
 * Variants whose cost moves between the rounds of one start, beyond what the twin's does: compilers, heaps or caches are still at
 * work. Only of saturation with the plan's own connections and a database that is not distant, because idle cores vary by
 * themselves; and not of what has a clock of its own.
 *
 * @param slices at one speed of the cores: a neighbour who comes between two slices of a round settles nothing
 */
export function unsettledVariants(plan: Results['plan'], slices: readonly Slice[]): Warning[] {
  const cell = cellsOf(slices).find(
    ({ load, group }) => load.mode === 'saturation' && load.connections === plan.connections && group === 'default',
  )
  if (cell === undefined) return []
  const withControl = comparisonsOf(participants(plan, slices)).filter(
    ({ baseline, pairwise }) => baseline !== undefined && !pairwise,
  )
  const spreads = new Map(withControl.map((comparison) => [comparison.variant, spreadOf(cell, comparison)]))
  const twin = spreads.get(withControl.find(({ role }) => role === 'twin')?.variant ?? '')
  if (twin === undefined) return []
  return plan.variants.flatMap(({ id, role, label, deployment, periodic }) => {
    if (role !== 'candidate' || periodic !== undefined || (deployment?.dbDelayUs ?? 0) > 0) return []
    const spread = spreads.get(id)
    if (spread === undefined || spread < unsettledSpread || spread < overTwin * twin) return []
    return [
      {
        code: 'still-settling',
        variant: id,
        message: `${label}: in one start its dearest round took ${percent(spread)} more app CPU per request than its cheapest at saturation (the twin's ${percent(twin)}): something settled while it was measured, most likely code that was still being compiled. Its figures may be too high.`,
        remedy: 'Measure with more rounds (`--rounds 8`), so that their median comes from what has settled.',
        severity: 'low' as const,
      },
    ]
  })
}

const percent = (spread: number): string => `${Math.round(100 * (spread - 1))} %`
const costOf = ({ app, requests }: Slice): number => app.cpuUs / requests

/** Median over restarts; undefined where fewer than 3 have two rounds beside the control. */
function spreadOf(cell: Cell, comparison: Comparison): number | undefined {
  const restarts = pairsOf({ cell, comparison })
  if ('absent' in restarts) return undefined
  const spreads = restarts
    .map((pairs) =>
      pairs.flatMap(({ slice, baseline }) => (baseline === undefined ? [] : [costOf(slice) / costOf(baseline)])),
    )
    .filter((costs) => costs.length > 1)
    .map((costs) => Math.max(...costs) / Math.min(...costs))
  return spreads.length < 3 ? undefined : median(spreads)
}
