import { boundsOf, boundsOrAbsent } from '../../record/bounded.ts'
import { isValid, type Slice } from '../../record/slice.ts'
import type { TuningFigure } from '../../record/tuning.ts'
import { exponentiated, intervalOfRestarts } from '../../statistics/restart-interval.ts'
import { median } from '../../statistics/samples.ts'
import type { Cell } from '../cells.ts'
import { type HistogramSource, type MergedHistograms, restartQuantile } from '../histogram-figures.ts'
import { pairsOf, type SliceSource } from '../slice-figures.ts'

/** One value a restart, by the restart's name (`set/number`). */
export type RestartValues = ReadonlyMap<string, number>

/** The mean over restarts with its interval, as it stands in the results. */
export const meanOfRestarts = (values: readonly number[]): TuningFigure => boundsOrAbsent(intervalOfRestarts(values))

/** The same of logarithms of a ratio: point and bounds are ratios. */
export function ratioOfRestarts(logs: readonly number[]): TuningFigure {
  const interval = intervalOfRestarts(logs)
  return 'absent' in interval ? interval : boundsOf(exponentiated(interval))
}

/** Names of a cell's restarts, in the order in which they were made. */
export function restartsOf(cell: Cell): readonly string[] {
  const names = new Set([...cell.variants.values()].flatMap((restarts) => [...restarts.keys()]))
  const place = (name: string): number[] => name.split('/').map(Number)
  return [...names].sort((a, b) => {
    const [[setA = 0, restartA = 0], [setB = 0, restartB = 0]] = [place(a), place(b)]
    return restartA - restartB || setA - setB
  })
}

/**
 * Renamed by their number: variants of different sets never share a process, and restarts that were made at the same
 * time are the nearest there is to a pair.
 */
export const acrossSets = (values: RestartValues): RestartValues =>
  new Map([...values].map(([name, value]) => [name.slice(name.indexOf('/') + 1), value]))

/** Per restart the median of the rounds in which both were valid, of `combine(own, other)`. */
export function pairedValues(
  cell: Cell,
  [variant, baseline]: readonly [string, string],
  source: SliceSource,
  combine: (own: number, other: number) => number,
): RestartValues {
  const values = new Map<string, number>()
  for (const restart of cell.variants.get(variant)?.keys() ?? []) {
    const pairs = pairsOf({
      cell: { ...cell, variants: onlyRestart(cell, restart, [variant, baseline]) },
      comparison: { variant, role: 'candidate', baseline, pairwise: true },
    })
    if ('absent' in pairs) continue
    const rounds = pairs.flat().flatMap(({ slice, baseline: other }) => {
      const [own, theirs] = [source.value(slice), other === undefined ? undefined : source.value(other)]
      return typeof own === 'number' && typeof theirs === 'number' ? [combine(own, theirs)] : []
    })
    if (rounds.length >= cell.leastRounds) values.set(restart, median(rounds))
  }
  return values
}

function onlyRestart(cell: Cell, restart: string, variants: readonly string[]): Cell['variants'] {
  return new Map(
    variants.flatMap((variant): [string, ReadonlyMap<string, readonly Slice[]>][] => {
      const slices = cell.variants.get(variant)?.get(restart)
      return slices === undefined ? [] : [[variant, new Map([[restart, slices]])]]
    }),
  )
}

/** Per restart the median of the valid rounds. */
export function ownValues(cell: Cell, variant: string, source: SliceSource): RestartValues {
  const values = new Map<string, number>()
  for (const [restart, slices] of cell.variants.get(variant) ?? []) {
    const rounds = slices.filter(isValid).flatMap((slice) => {
      const value = source.value(slice)
      return typeof value === 'number' ? [value] : []
    })
    if (rounds.length >= cell.leastRounds) values.set(restart, median(rounds))
  }
  return values
}

/** Per restart a quantile of its merged histograms, in the source's unit. */
export function quantileValues(
  cell: Cell,
  variant: string,
  { source, quantile }: { readonly source: HistogramSource; readonly quantile: number },
  merged: MergedHistograms,
): RestartValues {
  const values = new Map<string, number>()
  const restarts = merged(source, cell, variant)
  for (const [restart, of] of restarts) {
    const value = restartQuantile(of, quantile, restarts)
    if (!('absent' in value)) values.set(restart, value.ns * source.perNs)
  }
  return values
}
