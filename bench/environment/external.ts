import { createHash } from 'node:crypto'
import type pg from 'pg'
import { AuthcostError, usageError } from '../../servers/contract/errors.ts'
import { isLoopback } from '../../servers/contract/open-host.ts'
import { forgetSchema, leftSchemas } from './clean-up.ts'
import { connectHarness } from './connection.ts'
import { effectiveAddress } from './effective-address.ts'
import { dropLeftSchemas, limitLockWait } from './left-schemas.ts'
import { besideSchema, ExitListeners, type PostgresHandle, type PostgresRequest } from './postgres-handle.ts'
import { describeServer } from './postgres-settings.ts'

/**
 * Uses a database that the user names. Everything happens in a schema of the run's own, the only thing ever dropped.
 *
 * @throws {AuthcostError} `usage.postgres-url` (exit code 2); `postgres.*` when it cannot be used.
 */
export async function useExternal(request: PostgresRequest, given: string): Promise<PostgresHandle> {
  const parsed = parsePostgresUrl(given)
  const exits = new ExitListeners()
  let host = parsed.hostname
  const client = await connectHarness(given, {
    onLost: (reason) =>
      exits.fire(`The connection to Postgres was lost: ${host === '' ? reason : reason.split(host).join('it')}.`),
  })
  host = client.host
  const address = effectiveAddress(parsed, client)
  const url = address.href
  const schema = schemaOfRun(request.runId)
  const schemas = [schema]
  const server = fingerprint(address)
  try {
    request.signal.throwIfAborted()
    const description = await describeServer(client)
    const allowed = await client.query<{ ok: boolean }>(
      "SELECT has_database_privilege(current_database(), 'CREATE') AS ok",
    )
    if (allowed.rows[0]?.ok !== true) {
      throw new AuthcostError(
        'postgres.privileges',
        'The user in the address may not create schemas in this database. Grant CREATE on the database, or use another user.',
      )
    }
    await dropLeftSchemas(client, [...new Set(leftSchemas(server).map((left) => left.schema))], {
      signal: request.signal,
      forget: forgetSchema,
      log: request.log,
    })
    request.lock.addSchema({ server, schema })
    return {
      kind: 'external',
      route: routeOf(address),
      url,
      schema,
      schemaBeside: (suffix) => {
        const beside = besideSchema(schema, suffix)
        schemas.push(beside)
        request.lock.addSchema({ server, schema: beside })
        return beside
      },
      version: description.version,
      settings: description.settings,
      postmasterPid: undefined,
      state: () => ({ running: !exits.ended, lastLogLines: [] }),
      onExit: (callback) => exits.add(callback),
      restart: undefined,
      async [Symbol.asyncDispose]() {
        exits.expect(true)
        for (const own of schemas) {
          if (await dropSchema(exits.ended ? undefined : client, url, own)) request.lock.removeSchema(own)
          else request.log(`The schema ${own} could not be dropped; the next run on this database will do it.`)
        }
        await client.end().catch(() => undefined)
      },
    }
  } catch (error) {
    exits.expect(true)
    await client.end().catch(() => undefined)
    throw error
  }
}

/**
 * Checks an address given by the user.
 *
 * @throws {AuthcostError} `usage.postgres-url`, without repeating the address: it may hold a password.
 */
export function parsePostgresUrl(url: string): URL {
  let parsed: URL
  try {
    parsed = new URL(url)
  } catch (error) {
    throw usageError(
      'usage.postgres-url',
      'The address given with --postgres cannot be read. It looks like postgres://user:password@host:5432/database; special characters in the password must be percent-encoded.',
      error instanceof Error ? error.name : undefined,
    )
  }
  if (parsed.protocol !== 'postgres:' && parsed.protocol !== 'postgresql:') {
    throw usageError(
      'usage.postgres-url',
      `--postgres takes auto, container, embedded or an address that begins with postgres://, not one with ${parsed.protocol}//.`,
    )
  }
  if (parsed.pathname.length < 2) {
    throw usageError(
      'usage.postgres-url',
      'The address given with --postgres names no database: postgres://user:password@host:5432/database.',
    )
  }
  return parsed
}

/** `authcost_<run id>`, as an identifier that needs no quotes: at most 63 bytes of a-z, 0-9 and _. */
export const schemaOfRun = (runId: string): string =>
  `authcost_${runId.toLowerCase().replace(/[^a-z0-9]+/g, '_')}`.slice(0, 63)

/** How the address leads to the server. */
export function routeOf(url: URL): PostgresHandle['route'] {
  if ((url.searchParams.get('host') ?? '').startsWith('/') || url.hostname.startsWith('%2F')) return 'unix-socket'
  const host = url.searchParams.get('host') ?? url.hostname
  return host === '' || isLoopback(host) ? 'loopback' : 'remote'
}

/** Tells databases apart in the lock file without naming them. */
function fingerprint(url: URL): string {
  const port = url.searchParams.get('port')
  return createHash('sha256')
    .update(`${url.hostname}:${url.port}${url.pathname}?${url.searchParams.get('host') ?? ''}`)
    .update(port === null ? '' : `:${port}`)
    .digest('hex')
}

/** Drops the run's own schema, on a new connection if the first was lost. Returns whether it is gone. */
async function dropSchema(client: pg.Client | undefined, url: string, schema: string): Promise<boolean> {
  let own: pg.Client | undefined
  try {
    own = client ?? (await connectHarness(url))
    await own.query(limitLockWait)
    await own.query(`DROP SCHEMA IF EXISTS ${own.escapeIdentifier(schema)} CASCADE`)
    return true
  } catch {
    return false
  } finally {
    if (own !== client) await own?.end().catch(() => undefined)
  }
}
