import type { ResolvedVariant } from '../../servers/contract/strategy.ts'
import { sumOf } from '../statistics/samples.ts'
import { asksPostgres } from './axis-use.ts'
import { serversAGroup } from './order.ts'
import { mostServersAtOnce, type Plan, plannedVariants } from './plan.ts'
import { checkedVariants, type PlannedVariant, processesOf, processGroups } from './planned-variant.ts'

/** Of a server that does not fill its pool: sign-ins, one call after the other, and one on which a denylist listens. */
const fewConnections = 2

/** While it is checked: an attack, the three lags that are waited for beside it, and the one that listens. */
const fewAtTheGate = 5

/** Connections to Postgres that the servers of the largest set may hold at once, whoever serves whom. */
export const mostPoolConnections = (plan: Plan): number =>
  Math.max(
    ...plan.sets.map((set) => {
      const groups = processGroups(set)
      const share = serversAGroup(groups)
      return sumOf([...groups.values()].flatMap((group) => largest(share, group, plan, fewConnections)))
    }),
  )

/** The same of the servers that variants are checked at, each once and with the plan's own pool. */
export const mostGateConnections = (plan: Plan): number =>
  sumOf(largest(mostServersAtOnce, checkedVariants(plannedVariants(plan)), plan, fewAtTheGate))

/** Of so many servers that hold the most, the connections of each. */
const largest = (count: number, variants: readonly PlannedVariant[], plan: Plan, few: number): number[] =>
  variants
    .map((planned) => heldBy(planned, plan, few))
    .sort((a, b) => b - a)
    .slice(0, count)

/** By all app instances of a server, and by the auth service that they share. */
function heldBy(planned: PlannedVariant, plan: Plan, few: number): number {
  const { variant, deployment } = planned
  const poolSize = deployment?.poolSize ?? plan.poolSize
  const service = variant.needs.includes('introspector') ? poolSize : 0
  return processesOf([planned]) * (fillsPool(variant, plan) ? poolSize : few) + service
}

/** Whether a server opens its whole pool. */
function fillsPool(variant: ResolvedVariant, { badShare }: Plan): boolean {
  const { needs, file } = variant
  if (!needs.includes('postgres')) return false
  // Bad credentials are made by many sign-ins at once. What a strategy file opens is known to itself alone.
  if (badShare > 0 || file !== undefined) return true
  return asksPostgres(variant) && !needs.includes('introspector')
}
