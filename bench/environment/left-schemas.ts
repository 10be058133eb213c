/** A server that hangs on to a lock must keep neither the start nor the end of a run waiting. */
export const limitLockWait = "SET lock_timeout = '10s'"

/** What is needed of a connection. */
interface Connection {
  query(statement: string): Promise<unknown>
  escapeIdentifier(name: string): string
}

export interface LeftSchemasOptions {
  readonly signal: AbortSignal
  /** Takes a schema that is gone out of the lock files. */
  forget(schema: string): void
  log(line: string): void
}

/**
 * Drops schemas of runs that were killed: they are known from our own lock files, never guessed from names. One that cannot
 * be dropped stays noted there, and keeps nobody from measuring.
 */
export async function dropLeftSchemas(
  client: Connection,
  schemas: readonly string[],
  { signal, forget, log }: LeftSchemasOptions,
): Promise<void> {
  for (const schema of schemas) {
    signal.throwIfAborted()
    const statement = `DROP SCHEMA IF EXISTS ${client.escapeIdentifier(schema)} CASCADE`
    try {
      await client.query(limitLockWait)
      await client.query(statement)
    } catch (error) {
      log(`The schema ${schema}, left by a run that was killed, could not be dropped: ${whyNot(error, statement)}`)
      continue
    }
    forget(schema)
    log(`Dropped the schema ${schema}, left by a run that was killed.`)
  }
}

function whyNot(error: unknown, statement: string): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'no answer'
  if (code === '42501') return `it belongs to another user. Drop it as that user or as a superuser: ${statement}`
  if (code === '55P03')
    return 'another connection keeps it locked. The next run tries again; where that lasts, end the connection (pg_stat_activity).'
  return `${code}. The next run tries again.`
}
