import pg from 'pg'
import { connectionConfig } from '../contract/connection-config.ts'
import { AuthcostError } from '../contract/errors.ts'
import type { Listener, ListeningConnection } from '../contract/listening-connection.ts'
import type { Statement } from '../contract/strategy.ts'
import { failureReason } from './failure-reason.ts'
import type { PoolOptions } from './pool.ts'
import { checkedSchemaName } from './schema.ts'

/** A short query on this connection that takes longer has met a connection that is dead without saying so. */
const queryTimeoutMs = 1000

/**
 * One connection beside the pool, under the same application name, so that its backend's work is counted as the variant's.
 *
 * @throws {AuthcostError} `database.unavailable` when it cannot be opened.
 */
export async function openListeningConnection(
  options: Pick<PoolOptions, 'databaseUrl' | 'databaseSchema' | 'applicationName'>,
  listener: Listener,
): Promise<ListeningConnection> {
  const client = new pg.Client({
    ...connectionConfig(options.databaseUrl, {
      applicationName: options.applicationName,
      searchPath: checkedSchemaName(options.databaseSchema),
    }),
    connectionTimeoutMillis: 5000,
    query_timeout: queryTimeoutMs,
    keepAlive: true,
  })
  let over = false
  const lost = (): void => {
    if (over) return
    over = true
    client.end().catch(() => {})
    listener.onLost()
  }
  client.on('error', lost)
  client.on('end', lost)
  client.on('notification', ({ payload }) => {
    if (!over) listener.onNotification(payload ?? '')
  })
  try {
    await client.connect()
  } catch (cause) {
    over = true
    client.end().catch(() => {})
    throw new AuthcostError(
      'database.unavailable',
      `The database did not answer: ${failureReason(cause)}. Check that it runs.`,
      { cause },
    )
  }
  return {
    async query<Row>(statement: Statement, { timeoutMs = queryTimeoutMs } = {}) {
      // node-postgres takes a limit of a query's own; its types do not know it.
      const config: Statement & { readonly query_timeout: number } = { ...statement, query_timeout: timeoutMs }
      const { rows, rowCount } = await client.query(config)
      const typed: Row[] = rows
      return { rows: typed, rowCount: rowCount ?? 0 }
    },
    async listen(channel) {
      await client.query(`LISTEN ${client.escapeIdentifier(channel)}`)
    },
    async close() {
      over = true
      await client.end()
    },
  }
}
