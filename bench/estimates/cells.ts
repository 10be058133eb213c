import type { PlanRecord } from '../record/run.ts'
import { type Load, loadKey, restartKey, type Slice } from '../record/slice.ts'

/** Slices that may be compared: same load, same group. Sets and restarts stay apart inside. */
export interface Cell {
  readonly load: Load
  readonly group: Slice['group']
  /** Rounds a restart must keep to count: 2, or 1 where only one was planned. */
  readonly leastRounds: number
  /** Variant, then restart (set and number), then its slices, doubtful ones included. */
  readonly variants: ReadonlyMap<string, ReadonlyMap<string, readonly Slice[]>>
}

/** Sorts slices into cells, in order of their first appearance. */
export function cellsOf(slices: readonly Slice[]): Cell[] {
  const cells = new Map<string, { load: Load; group: Slice['group']; variants: Map<string, Map<string, Slice[]>> }>()
  for (const slice of slices) {
    const cell = entry(cells, `${loadKey(slice.load)} ${slice.group}`, () => ({
      load: slice.load,
      group: slice.group,
      variants: new Map<string, Map<string, Slice[]>>(),
    }))
    const restarts = entry(cell.variants, slice.variant, () => new Map<string, Slice[]>())
    entry(restarts, restartKey(slice), (): Slice[] => []).push(slice)
  }
  return [...cells.values()].map((cell) => ({ ...cell, leastRounds: leastRoundsOf(cell) }))
}

/** By the candidates where there are any: control and twin are measured once more for each block of a large set. */
function leastRoundsOf({ variants }: Pick<Cell, 'variants'>): number {
  const restarts = [...variants.values()].flatMap((own) => [...own.values()])
  const ofCandidates = restarts.filter((made) => made.some(({ role }) => role === 'candidate'))
  const planned = (ofCandidates.length === 0 ? restarts : ofCandidates).map(
    (made) => made.filter(({ further }) => further !== true).length,
  )
  return Math.min(2, Math.max(1, ...planned))
}

/** The value at `key`, made when it is not there yet. */
function entry<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const found = map.get(key)
  if (found !== undefined) return found
  const made = make()
  map.set(key, made)
  return made
}

export interface Participant {
  readonly id: string
  readonly role: Slice['role']
}

/** Who was measured, in the plan's order; the twin and others that only the slices know come last. */
export function participants(plan: PlanRecord, slices: readonly Slice[]): Participant[] {
  const roles = new Map<string, Slice['role']>()
  for (const variant of plan.variants) if (variant.state === 'measured') roles.set(variant.id, variant.role)
  for (const slice of slices) if (!roles.has(slice.variant)) roles.set(slice.variant, slice.role)
  return [...roles].map(([id, role]) => ({ id, role }))
}

/** A variant alone (absolute) or against another, paired within set, restart and round. */
export interface Comparison {
  readonly variant: string
  readonly role: Slice['role']
  readonly baseline?: string
  /** Between two candidates: only for metrics that ask for it. */
  readonly pairwise: boolean
}

/**
 * All that is compared: everyone with the control, and every other candidate with the first one. The latter is no
 * difference of two costs: both share the control, so its interval cannot be derived from theirs.
 */
export function comparisonsOf(everyone: readonly Participant[]): Comparison[] {
  const control = everyone.find(({ role }) => role === 'control')?.id
  const candidates = everyone.filter(({ role }) => role === 'candidate')
  const [first, ...others] = candidates
  return [
    ...everyone.map(({ id, role }) => ({ variant: id, role, pairwise: false })),
    ...(control === undefined
      ? []
      : everyone
          .filter(({ role }) => role !== 'control')
          .map(({ id, role }) => ({ variant: id, role, baseline: control, pairwise: false }))),
    ...(first === undefined
      ? []
      : others.map(({ id, role }) => ({ variant: id, role, baseline: first.id, pairwise: true }))),
  ]
}
