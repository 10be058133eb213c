import { AuthcostError } from '../../servers/contract/errors.ts'
import type { PostgresHandle } from '../environment/postgres-handle.ts'
import { mostPoolConnections } from '../plan/order.ts'
import type { Plan } from '../plan/plan.ts'
import { revocationConnections } from './revocation.ts'

/**
 * All pools of a set, their companions' among them, those of servers started to see a lag, the harness's own connections,
 * and those kept for superusers.
 */
export function connectionsNeeded(plan: Plan): number {
  return mostPoolConnections(plan) + 2 * plan.poolSize + revocationConnections(plan) + 20
}

/**
 * A Postgres of our own is started with enough; one of the user's may have too few.
 *
 * @throws {AuthcostError} `postgres.max-connections`
 */
export function requireRoom({ kind, settings }: Pick<PostgresHandle, 'kind' | 'settings'>, needed: number): void {
  const most = Number(settings.max_connections)
  if (kind !== 'external' || !Number.isFinite(most) || most >= needed) return
  throw new AuthcostError(
    'postgres.max-connections',
    `This plan may hold ${needed} connections at once, and the database allows ${most} (max_connections). Raise it there, or choose smaller pools.`,
  )
}
