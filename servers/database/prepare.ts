import pg from 'pg'
import { connectionConfig } from '../contract/connection-config.ts'
import { AuthcostError } from '../contract/errors.ts'
import type { Preparation, PreparationReport } from '../contract/preparation.ts'
import { defaultSessionLayout, type SessionLayout } from '../contract/session-layout.ts'
import { failureReason } from './failure-reason.ts'
import { addKeys, checkedSchemaName, createTables, tableExists } from './schema.ts'
import { recordSeeding, seedSessions, seedUsers } from './seed.ts'
import { fillRedis } from './seed-redis.ts'
import { allowAutovacuum, createSessionTable, sessionKeyStatements } from './session-table.ts'
import { databaseBytes, settle } from './settle.ts'

type Done = Extract<PreparationReport, { type: 'done' }>

/**
 * Creates schema and tables, fills them and brings them into the state measuring starts from. With no sessions asked
 * for it creates what is missing and leaves what is there (a server to try in a browser keeps its users).
 *
 * @throws {AuthcostError} `database.unreachable`; `database.search-path`; `database.not-empty` when sessions are to be seeded into tables that
 *   exist: nothing the harness did not make is overwritten.
 */
export async function prepareDatabase(
  preparation: Preparation,
  report: (progress: Extract<PreparationReport, { type: 'progress' }>) => void,
): Promise<Done> {
  const startedMs = performance.now()
  const schema = checkedSchemaName(preparation.databaseSchema)
  const layouts = (preparation.sessionLayouts ?? [defaultSessionLayout]).filter(({ store }) => store === 'postgres')
  const client = await connect(preparation.databaseUrl, schema)
  const progress = (phase: string) => (done: number, total: number) => report({ type: 'progress', phase, done, total })
  try {
    await client.query(`CREATE SCHEMA IF NOT EXISTS ${schema}`)
    await checkSearchPath(client, schema)
    await tune(client)
    const exists = await tableExists(client, 'users')
    const seeds = preparation.sessions > 0
    if (exists && seeds) {
      throw new AuthcostError(
        'database.not-empty',
        `Schema "${schema}" already holds tables of authcost. Name another schema, or drop this one yourself.`,
      )
    }
    if (exists) await addMissingTables(client, layouts)
    else await createAndFill(client, layouts, preparation, progress)
    const { writes } = preparation
    const notices = seeds ? await settle(client, { layouts, writes, progress: progress('settling') }) : []
    if (!seeds) for (const table of ['users', ...layouts.map(({ name }) => name)]) await allowAutovacuum(client, table)
    const redis = seeds ? await fillRedis(preparation, progress('sessions in Redis')) : undefined
    return {
      type: 'done',
      notices,
      databaseBytes: await databaseBytes(client, layouts),
      elapsedMs: performance.now() - startedMs,
      ...(redis === undefined ? {} : { redis }),
    }
  } finally {
    await client.end()
  }
}

type Progress = (phase: string) => (done: number, total: number) => void

async function createAndFill(
  client: pg.Client,
  layouts: readonly SessionLayout[],
  preparation: Preparation,
  progress: Progress,
): Promise<void> {
  await createTables(client)
  for (const layout of layouts) await createSessionTable(client, layout)
  if (preparation.sessions > 0) {
    await seedUsers(client, preparation.users, progress('users'))
    for (const layout of layouts) {
      await seedSessions(
        client,
        layout,
        {
          users: preparation.users,
          sessions: preparation.sessions,
          secret: preparation.sessionSecret,
          lifetimeS: preparation.sessionLifetimeS,
        },
        progress(layout.name === defaultSessionLayout.name ? 'sessions' : `sessions in ${layout.name}`),
      )
    }
    await recordSeeding(client, preparation)
  }
  await addKeys(client, layouts, progress('indexes'))
}

/** A database that is kept (a server to try) may have been made for another variant. */
async function addMissingTables(client: pg.Client, layouts: readonly SessionLayout[]): Promise<void> {
  for (const layout of layouts) {
    if (await tableExists(client, layout.name)) continue
    await createSessionTable(client, layout)
    for (const statement of sessionKeyStatements(layout)) await client.query(statement)
  }
}

async function connect(databaseUrl: string, schema: string): Promise<pg.Client> {
  const client = new pg.Client({
    ...connectionConfig(databaseUrl, { applicationName: 'authcost-prepare', searchPath: schema }),
    connectionTimeoutMillis: 10_000,
  })
  // A connection lost between two queries is an event; the next query reports it.
  client.on('error', () => {})
  try {
    await client.connect()
  } catch (error) {
    throw new AuthcostError(
      'database.unreachable',
      `The database cannot be reached: ${failureReason(error)}. Check --postgres, and that it runs.`,
      { cause: error },
    )
  }
  return client
}

/** @throws {AuthcostError} `database.search-path` where tables would land in another schema than the one that is ours. */
async function checkSearchPath(client: pg.Client, schema: string): Promise<void> {
  const { rows } = await client.query<{ current: string | null }>('SELECT current_schema() AS current')
  if (rows[0]?.current === schema) return
  throw new AuthcostError(
    'database.search-path',
    `The database does not take the search_path of a connection (${schema}), so tables would be made in a schema that is not the run's. Connect to Postgres itself rather than through a pooler, and check "options" in the address given with --postgres.`,
  )
}

/** Settings of this connection that make the load fast and an orphaned statement end; each may be refused. */
async function tune(client: pg.Client): Promise<void> {
  const settings = [
    "SET synchronous_commit = 'off'",
    "SET maintenance_work_mem = '256MB'",
    // Only on systems that can poll a socket for its closing.
    "SET client_connection_check_interval = '1s'",
    'SET statement_timeout = 0',
  ]
  for (const setting of settings) {
    try {
      await client.query(setting)
    } catch (error) {
      if (!(error instanceof pg.DatabaseError)) throw error
    }
  }
}
