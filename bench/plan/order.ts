import { createRandom, shuffle } from '../statistics/random.ts'
import type { Plan, PlannedLoad, PlannedVariant } from './plan.ts'

/** One lap over a set: every variant once, under one load, in an order of its own. */
export interface PlannedRound {
  readonly load: PlannedLoad
  /** 0-based within the restart and the load. */
  readonly round: number
  readonly order: readonly PlannedVariant[]
}

/** The order of the sets of one restart. */
export const orderOfSets = (plan: Plan, restart: number): number[] =>
  shuffle(
    plan.sets.map((_, set) => set),
    createRandom(plan.seed, `sets/${restart}`),
  )

/**
 * The rounds of one set in one restart: saturation first, while the warm-up is fresh, then fixed rates, then unloaded.
 * Each round's order is drawn from the seed by place, not by time, so that an interrupted run could be followed.
 */
export function roundsOf(plan: Plan, set: number, restart: number): PlannedRound[] {
  const variants = plan.sets[set] ?? []
  return plan.loads.flatMap((load, index) =>
    Array.from({ length: load.rounds }, (_, round) => ({
      load,
      round,
      order: shuffle(variants, createRandom(plan.seed, `order/${set}/${restart}/${index}/${round}`)),
    })),
  )
}
