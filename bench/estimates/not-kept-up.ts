import type { Results, Warning } from '../record/run.ts'
import { type Load, loadKey, type Slice } from '../record/slice.ts'
import { describeLoad } from './describe-load.ts'

/** A single slice may have met a stall of the machine. */
const fewestSlices = 2
const noticeableShare = 0.05

/**
 * Variants that did not answer as fast as requests came at a fixed rate. What was never sent has no latency, so such slices are left
 * out, and the figures that remain are those of better moments.
 */
export function notKeptUp(plan: Results['plan'], slices: readonly Slice[]): Warning[] {
  const groups = new Map<string, { readonly variant: string; readonly load: Load; readonly slices: Slice[] }>()
  for (const slice of slices) {
    if (slice.load.mode !== 'fixed-rate') continue
    const key = `${slice.variant} ${loadKey(slice.load)} ${slice.group}`
    const group = groups.get(key) ?? { variant: slice.variant, load: slice.load, slices: [] }
    groups.set(key, group)
    group.slices.push(slice)
  }
  return [...groups.values()].flatMap(({ variant, load, slices: all }): Warning[] => {
    const behind = all.filter(({ unsent = 0 }) => unsent > 0)
    if (behind.length < fewestSlices || behind.length < noticeableShare * all.length) return []
    const label = plan.variants.find(({ id }) => id === variant)?.label ?? variant
    const unsent = behind.reduce((sum, slice) => sum + (slice.unsent ?? 0), 0)
    return [
      {
        code: 'not-kept-up',
        variant,
        message: `${label} did not keep up ${describeLoad(load)} in ${behind.length} of ${all.length} slices: ${unsent.toLocaleString('en-US')} requests were never sent. These slices are left out, so its latency under this load is worse than its figures.`,
        remedy: 'Measure at a lower rate (`--rate`), or read the throughput at saturation.',
        severity: 'high',
      },
    ]
  })
}
