import type { Results, VariantRecord } from '../record/run.ts'

/** Candidates that never ran beside this one: a large plan is split into sets, and pairs are made within a set only. */
export function inOtherSets({ plan, slices }: Pick<Results, 'plan' | 'slices'>, candidate: string): VariantRecord[] {
  const sets = new Map<string, Set<number>>()
  for (const { variant, set } of slices) sets.set(variant, (sets.get(variant) ?? new Set()).add(set))
  const own = sets.get(candidate)
  if (own === undefined) return []
  return plan.variants.filter(({ id, role }) => {
    const others = sets.get(id)
    return role === 'candidate' && others !== undefined && ![...others].some((set) => own.has(set))
  })
}
