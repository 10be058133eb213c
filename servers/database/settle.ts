import pg from 'pg'
import type { SessionLayout } from '../contract/session-layout.ts'
import { fixedTables } from './schema.ts'
import { allowAutovacuum } from './session-table.ts'

/** Tables that requests read. */
const measuredTables = (layouts: readonly SessionLayout[]): string[] => ['users', ...layouts.map(({ name }) => name)]

const allTables = (layouts: readonly SessionLayout[]): string[] => [...fixedTables, ...layouts.map(({ name }) => name)]

/**
 * Brings freshly filled tables into the state that measuring starts from: vacuumed and frozen (no hint bits left to
 * write), statistics taken, dirty pages written, everything in memory; autovacuum off for tables that are only read.
 *
 * @returns sentences on what this database did not allow.
 */
export async function settle(
  client: pg.ClientBase,
  options: {
    readonly layouts: readonly SessionLayout[]
    /** All session tables are written to while measuring, whatever their layouts say. */
    readonly writes: boolean
    readonly progress: (done: number, total: number) => void
  },
): Promise<string[]> {
  const notices: string[] = []
  const { layouts } = options
  const steps = [
    () => client.query(`VACUUM (ANALYZE, FREEZE) ${allTables(layouts).join(', ')}`),
    async () => {
      for (const { name, written } of layouts) if (written || options.writes) await allowAutovacuum(client, name)
    },
    async () => {
      const refused = await sqlError(client.query('CHECKPOINT'))
      if (refused !== undefined) {
        notices.push(`CHECKPOINT was refused (${refused.message}): dirty pages may be written while measuring.`)
      }
    },
    async () => {
      const notice = await prewarmTables(client, measuredTables(layouts))
      if (notice !== undefined) notices.push(notice)
    },
  ]
  for (const [done, step] of steps.entries()) {
    options.progress(done, steps.length)
    await step()
  }
  options.progress(steps.length, steps.length)
  return notices
}

/** Bytes of all tables with indexes and TOAST. */
export async function databaseBytes(client: pg.ClientBase, layouts: readonly SessionLayout[]): Promise<number> {
  const { rows } = await client.query<{ bytes: number }>(
    'SELECT sum(pg_total_relation_size(name::regclass))::float8 AS bytes FROM unnest($1::text[]) AS name',
    [allTables(layouts)],
  )
  return rows[0]?.bytes ?? 0
}

async function prewarmTables(client: pg.ClientBase, tables: readonly string[]): Promise<string | undefined> {
  const refused = await sqlError(client.query('CREATE EXTENSION IF NOT EXISTS pg_prewarm'))
  const { rows } = await client.query<{ schema: string }>(
    "SELECT quote_ident(n.nspname) AS schema FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'pg_prewarm'",
  )
  const schema = rows[0]?.schema
  if (schema === undefined) {
    // Reading the tables once brings them at least into the operating system's cache.
    for (const table of tables) await client.query(`SELECT count(*) FROM ${table}`)
    return `pg_prewarm could not be had (${refused?.message ?? 'not installed'}): tables were read once instead, indexes were not.`
  }
  await client.query(
    `SELECT ${schema}.pg_prewarm(relation) FROM (
  SELECT name::regclass AS relation FROM unnest($1::text[]) AS name
  UNION ALL
  SELECT i.indexrelid::regclass FROM unnest($1::text[]) AS name JOIN pg_index i ON i.indrelid = name::regclass
) AS relations`,
    [tables],
  )
  return undefined
}

/** The error the database answered, where it did; other errors (a lost connection) are thrown on. */
async function sqlError(query: Promise<unknown>): Promise<pg.DatabaseError | undefined> {
  try {
    await query
    return undefined
  } catch (error) {
    if (error instanceof pg.DatabaseError) return error
    throw error
  }
}
