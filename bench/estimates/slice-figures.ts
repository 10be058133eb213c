import type { Metric } from '../metrics/metric.ts'
import { type Absent, isValid, type Slice } from '../record/slice.ts'
import { restartInterval, restartRatioInterval } from '../statistics/restart-interval.ts'
import type { Answer, Asked, Question } from './figure.ts'

export type SliceSource = Extract<Metric['source'], { kind: 'slice' }>

/** Two slices of one round, both valid; absolute figures have no baseline. */
export interface Pair {
  readonly slice: Slice
  readonly baseline?: Slice
}

/** Estimates a metric that has one value a slice: `restart-medians-t`, for ratios `restart-medians-log-t`. */
export function sliceFigure(question: Asked, source: SliceSource): Answer {
  const restarts = pairsOf(question)
  if ('absent' in restarts) return restarts
  let missing: string | undefined
  const value = (slice: Slice): number | undefined => {
    const found = source.value(slice)
    if (typeof found === 'number') return found
    missing ??= found.absent
    return undefined
  }
  const values = restarts.map((pairs) =>
    pairs.flatMap(({ slice, baseline }) => {
      const own = value(slice)
      if (baseline === undefined) return own === undefined ? [] : [own]
      const other = value(baseline)
      if (own === undefined || other === undefined) return []
      if (question.kind === 'cost') return [own - other]
      return own > 0 && other > 0 ? [own / other] : []
    }),
  )
  const ratio = question.kind === 'ratio'
  const interval = (ratio ? restartRatioInterval : restartInterval)(values, { leastRounds: question.cell.leastRounds })
  if ('absent' in interval) return missing === undefined ? interval : { absent: missing }
  const total = totalOf(restarts.flat(), source, question.kind)
  return {
    interval,
    method: ratio ? 'restart-medians-log-t' : 'restart-medians-t',
    ...(total === undefined ? {} : { total }),
  }
}

/** Valid pairs per restart. A doubtful slice takes its pair with it, whichever side it is on. */
export function pairsOf({ cell, comparison }: Pick<Question, 'cell' | 'comparison'>): Pair[][] | Absent {
  const own = cell.variants.get(comparison.variant)
  if (own === undefined) return { absent: 'it was not measured under this load' }
  if (comparison.baseline === undefined)
    return [...own.values()].map((slices) => slices.filter(isValid).map((slice) => ({ slice })))
  const other = cell.variants.get(comparison.baseline)
  if (other === undefined) return { absent: `${comparison.baseline} was not measured under this load` }
  const restarts: Pair[][] = []
  for (const [restart, slices] of own) {
    const baselines = other.get(restart)
    // Another set has a control of its own; candidates of different sets were never paired.
    if (baselines === undefined) continue
    const byRound = new Map(baselines.filter(isValid).map((slice) => [slice.round, slice]))
    restarts.push(
      slices.filter(isValid).flatMap((slice) => {
        const baseline = byRound.get(slice.round)
        return baseline === undefined ? [] : [{ slice, baseline }]
      }),
    )
  }
  return restarts.length === 0
    ? { absent: `it was never measured in the same restart as ${comparison.baseline}` }
    : restarts
}

/** Sum over sum of all valid slices, where rare and real costs count in full (docs/method.md, Bursty cost). */
function totalOf(pairs: readonly Pair[], source: SliceSource, kind: Question['kind']): number | undefined {
  const ratioOfSums = (slices: readonly Slice[]): number | undefined => {
    let numerator = 0
    let denominator = 0
    for (const slice of slices) {
      const part = source.total?.(slice)
      if (part === undefined || 'absent' in part) return undefined
      numerator += part.numerator
      denominator += part.denominator
    }
    return denominator > 0 ? numerator / denominator : undefined
  }
  const own = ratioOfSums(pairs.map(({ slice }) => slice))
  if (kind === 'absolute' || own === undefined) return own
  const other = ratioOfSums(pairs.flatMap(({ baseline }) => (baseline === undefined ? [] : [baseline])))
  if (other === undefined) return undefined
  return kind === 'cost' ? own - other : other > 0 ? own / other : undefined
}
