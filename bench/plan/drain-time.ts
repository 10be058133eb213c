import { usageError } from '../../servers/contract/errors.ts'
import { asksPostgres } from './axis-use.ts'
import { instancesOf } from './deployment.ts'
import type { Plan } from './plan.ts'
import { openLoopConnections } from './planned-load.ts'

/**
 * The driver waits 10 s for the last answers (bench/load/in-flight.ts), and a server as long for a connection of its
 * pool: beyond that a run would end in the middle. A fifth is left for the machine.
 */
const longestDrainMs = 8000

/**
 * Behind a small pool and a long way to Postgres, requests are answered a pool's worth per round trip, so the last of all
 * connections waits for many of those.
 *
 * @throws {AuthcostError} `usage.drain` for a plan in which that would take too long: it says what to change.
 */
export function requireDrains(plan: Pick<Plan, 'sets' | 'loads' | 'connections' | 'poolSize'>): void {
  const connections = connectionsAtOnce(plan)
  for (const { key, variant, deployment } of plan.sets.flat()) {
    const delayMs = (deployment?.dbDelayUs ?? 0) / 1000
    if (delayMs === 0 || !asksPostgres(variant)) continue
    const instances = instancesOf(deployment)
    const pool = deployment?.poolSize ?? plan.poolSize
    const turns = Math.ceil(connections / (pool * instances))
    if (turns * delayMs <= longestDrainMs) continue
    const mostTurns = Math.floor(longestDrainMs / delayMs)
    const mostConnections = mostTurns * pool * instances
    const fewer = mostConnections >= leastConnections(plan) ? ` or at most ${mostConnections} connections,` : ''
    throw usageError(
      'usage.drain',
      `${key}: with ${connections} connections at once, a pool of ${pool} and ${delayMs}ms to the database, the last answer takes ${((turns * delayMs) / 1000).toFixed(1)} s, and after ${longestDrainMs / 1000} s too little is left of the 10 s that servers and driver wait. Take a pool of at least ${Math.ceil(connections / (mostTurns * instances))},${fewer} or a delay of at most ${Math.floor(longestDrainMs / turns)}ms.`,
    )
  }
}

/** All that a server is loaded with; a server warms up under the most. */
const connectionsAtOnce = (plan: Pick<Plan, 'loads' | 'connections'>): number =>
  Math.max(
    plan.connections,
    leastConnections(plan),
    ...plan.loads.map((load) => ('connections' in load ? load.connections : 1)),
  )

/** Those of the open loop are not for the user to choose. */
const leastConnections = ({ loads }: Pick<Plan, 'loads'>): number =>
  loads.some(({ mode }) => mode === 'fixed-rate') ? openLoopConnections : 1
