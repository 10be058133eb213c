import { AuthcostError } from '../../servers/contract/errors.ts'
import type { PostgresHandle } from '../environment/postgres-handle.ts'
import { furtherTableSizes, type Plan } from '../plan/plan.ts'
import { mostGateConnections, mostPoolConnections } from '../plan/pool-connections.ts'
import { revocationConnections } from './revocation.ts'

/** The harness's own connections, with some to spare, and those kept for superusers. */
const besideServers = 20

/**
 * The most that are open at once: those of the servers of a set; or before, those of the servers that are checked, of those
 * started to see a lag, and of one at a table of another size.
 */
export function connectionsNeeded(plan: Plan): number {
  const atFurtherTable = furtherTableSizes(plan).length === 0 ? 0 : plan.poolSize
  const checking = mostGateConnections(plan) + revocationConnections(plan) + atFurtherTable
  return Math.max(mostPoolConnections(plan), checking) + besideServers
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
    `This plan may hold ${needed} connections at once, and the database allows ${most} (max_connections). Raise it there, or measure fewer variants or smaller pools.`,
  )
}
