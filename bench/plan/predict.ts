import type { Plan } from './plan.ts'

/**
 * What each step took on two cores with Node 20 (docs/method.md): the prediction is made of these, and replaced by the
 * run's own times from the first restart on.
 */
const predicted = {
  /** Postgres, seeding, keys and credentials, gate, the wait for a logged-out token to be refused. */
  setUpS: 7.5,
  /** Starting all servers of a set in parallel, and stopping them. */
  startS: 1.6,
  /** Warming up all servers together. */
  warmUpTogetherS: 2,
  /** Then each in turns until it is steady. */
  warmUpPerServerS: 0.45,
  /** Reading counters around each slice. */
  betweenSlicesS: 0.02,
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
  return predicted.startS + predicted.warmUpTogetherS + servers * (predicted.warmUpPerServerS + slices)
}
