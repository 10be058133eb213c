import { isValid, type Slice } from '../../record/slice.ts'
import { median } from '../../statistics/samples.ts'
import { appCpu } from '../calibration-twin.ts'
import type { Cell } from '../cells.ts'

/**
 * App CPU per request of `a` minus that of `b`, one value a restart (median of its rounds). Variants of one set are
 * paired by round. Those of different sets never met in a round: there the costs over the control of each one's own set
 * are compared, restart by restart, which takes the noise of two controls in.
 */
export function costDifferences(cell: Cell, a: string, b: string, control: string): readonly number[] {
  const direct = overBaseline(cell, a, b)
  if (direct.size > 0) return [...direct.values()]
  const [costs, others] = [overBaseline(cell, a, control), overBaseline(cell, b, control)]
  return [...costs].flatMap(([restart, cost]) => {
    const other = others.get(restart)
    return other === undefined ? [] : [cost - other]
  })
}

/** By restart; those with too few valid rounds are not in it. */
function overBaseline(cell: Cell, variant: string, baseline: string): ReadonlyMap<number, number> {
  const found = new Map<number, number>()
  for (const [place, slices] of cell.variants.get(variant) ?? []) {
    const others = new Map(
      (cell.variants.get(baseline)?.get(place) ?? []).filter(isValid).map((slice) => [slice.round, slice]),
    )
    const values = slices.filter(isValid).flatMap((slice) => {
      const other = others.get(slice.round)
      const [own, less] = [cpuOf(slice), other === undefined ? undefined : cpuOf(other)]
      return own === undefined || less === undefined ? [] : [own - less]
    })
    const restart = slices[0]?.restart
    if (restart !== undefined && values.length >= cell.leastRounds) found.set(restart, median(values))
  }
  return found
}

function cpuOf(slice: Slice): number | undefined {
  const value = appCpu().source.value(slice)
  return typeof value === 'number' ? value : undefined
}
