import type { Results, Warning } from '../record/run.ts'
import { isValid, restartKey, type Slice } from '../record/slice.ts'
import { median } from '../statistics/samples.ts'

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
 */
export function unsettledVariants(plan: Results['plan'], slices: readonly Slice[]): Warning[] {
  const usable = slices.filter(
    (slice) =>
      slice.load.mode === 'saturation' &&
      slice.load.connections === plan.connections &&
      slice.group === 'default' &&
      isValid(slice),
  )
  const controls = new Map(usable.filter(({ role }) => role === 'control').map((slice) => [roundKey(slice), slice]))
  const twin = spreadOf(
    usable.filter(({ role }) => role === 'twin'),
    controls,
  )
  if (twin === undefined) return []
  return plan.variants.flatMap(({ id, role, label, deployment, periodic }) => {
    if (role !== 'candidate' || periodic !== undefined || (deployment?.dbDelayUs ?? 0) > 0) return []
    const spread = spreadOf(
      usable.filter(({ variant }) => variant === id),
      controls,
    )
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
const roundKey = (slice: Slice): string => `${restartKey(slice)}/${slice.round}`
const costOf = ({ app, requests }: Slice): number => app.cpuUs / requests

/** Median over restarts; undefined where fewer than 3 have two rounds beside the control. */
function spreadOf(slices: readonly Slice[], controls: ReadonlyMap<string, Slice>): number | undefined {
  const byRestart = new Map<string, number[]>()
  for (const slice of slices) {
    const control = controls.get(roundKey(slice))
    if (control === undefined) continue
    const key = restartKey(slice)
    byRestart.set(key, [...(byRestart.get(key) ?? []), costOf(slice) / costOf(control)])
  }
  const spreads = [...byRestart.values()]
    .filter((costs) => costs.length > 1)
    .map((costs) => Math.max(...costs) / Math.min(...costs))
  return spreads.length < 3 ? undefined : median(spreads)
}
