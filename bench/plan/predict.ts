import type { Plan } from './plan.ts'

/**
 * What each step took on two cores with Node 20 (docs/method.md): the prediction is made of these, and replaced by the
 * run's own times from the first restart on.
 */
const predicted = {
  /** Postgres, seeding, keys and credentials, gate. */
  setUpS: 5,
  /** Starting all servers of a set in parallel. */
  startS: 1.3,
  /** Warm-up load per server until it is steady. */
  warmUpPerServerS: 1.4,
  /** Reading counters around each slice. */
  betweenSlicesS: 0.02,
  /** A slow variant's slice at saturation and the last answers. */
  idleBeforeProductionS: 15,
}

/** Seconds a run of this plan will take, start-up included. */
export function predictSeconds(plan: Plan): number {
  const perRestart = plan.sets.reduce((sum, set) => sum + secondsOfSet(plan, set.length), 0)
  const groups = plan.productionFlags
    ? plan.sets.reduce((sum, set) => sum + secondsOfSet(plan, set.length) + predicted.idleBeforeProductionS, 0)
    : 0
  return predicted.setUpS + plan.restarts * (perRestart + groups)
}

function secondsOfSet(plan: Plan, servers: number): number {
  const slices = plan.loads.reduce(
    (sum, load) => sum + load.rounds * (load.sliceMs / 1000 + predicted.betweenSlicesS),
    0,
  )
  return predicted.startS + servers * (predicted.warmUpPerServerS + slices)
}
