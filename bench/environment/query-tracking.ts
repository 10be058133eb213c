import type pg from 'pg'
import type { Absent } from '../record/slice.ts'

export interface QueryCount<T> {
  readonly result: T
  /** Calls of statements by clients other than the harness while the work ran. */
  readonly calls: number | Absent
  /** The statements behind them, as pg_stat_statements shows them (constants replaced), most called first. */
  readonly statements: readonly { readonly query: string; readonly calls: number }[]
}

/** Counts what `work` calls. Passed to whoever runs inside `withQueryTracking`. */
export type CountQueries = <T>(work: () => Promise<T>) => Promise<QueryCount<T>>

/**
 * Runs `body` while pg_stat_statements tracks, and gives it a counter. Exact, because these counters live in shared
 * memory (unlike the statistics views, which lag). Differences are taken, nothing is reset: in a server that is not
 * ours these numbers belong to its owner, and neither are its settings changed.
 *
 * @param own switches tracking on for the while (ALTER SYSTEM, so that open pool connections follow) and off again.
 */
export async function withQueryTracking<T>(
  client: pg.Client,
  own: boolean,
  body: (count: CountQueries) => Promise<T>,
): Promise<T> {
  const obstacle = await whyNot(client, own)
  if (obstacle !== undefined) {
    return body(async (work) => ({ result: await work(), calls: { absent: obstacle }, statements: [] }))
  }
  // The harness's own statements must not count. Refused to ordinary users: then they are told by their text.
  await client.query("SET pg_stat_statements.track = 'none'").catch(() => undefined)
  if (own) await setTracking(client, 'top')
  try {
    return await body((work) => countCalls(client, work))
  } finally {
    if (own) await setTracking(client, 'none')
  }
}

async function countCalls<T>(client: pg.Client, work: () => Promise<T>): Promise<QueryCount<T>> {
  const before = await read(client)
  const result = await work()
  const after = await read(client)
  const statements = [...after]
    .map(([id, { query, calls }]) => ({ query, calls: calls - (before.get(id)?.calls ?? 0) }))
    .filter((statement) => statement.calls > 0)
    .sort((a, b) => b.calls - a.calls)
  return { result, calls: statements.reduce((sum, statement) => sum + statement.calls, 0), statements }
}

async function whyNot(client: pg.Client, own: boolean): Promise<string | undefined> {
  const answer = await client.query<{ track: string | null; installed: boolean }>(
    `SELECT current_setting('pg_stat_statements.track', true) AS track,
            EXISTS (SELECT FROM pg_extension WHERE extname = 'pg_stat_statements') AS installed`,
  )
  const { track, installed } = answer.rows[0] ?? { track: null, installed: false }
  if (track === null) return 'pg_stat_statements is not preloaded in this server'
  if (!installed) return 'the extension pg_stat_statements is not installed in this database'
  if (!own && track === 'none')
    return 'pg_stat_statements does not track in this server, and its settings are not ours to change'
  return undefined
}

async function setTracking(client: pg.Client, value: 'top' | 'none'): Promise<void> {
  await client.query(`ALTER SYSTEM SET pg_stat_statements.track = '${value}'`)
  await client.query('SELECT pg_reload_conf()')
  // Each backend takes the new value when its signal arrives, idle ones within milliseconds. This session overrides it and
  // cannot tell when, so all get a moment; not for the end of it, which nothing waits for.
  if (value !== 'none') await new Promise((resolve) => setTimeout(resolve, 250))
}

async function read(client: pg.Client): Promise<ReadonlyMap<string, { query: string; calls: number }>> {
  const answer = await client.query<{ id: string; query: string; calls: string }>(
    `SELECT userid || ':' || dbid || ':' || coalesce(queryid, 0) AS id, min(query) AS query, sum(calls) AS calls
     FROM pg_stat_statements
     WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
       AND userid = (SELECT oid FROM pg_roles WHERE rolname = current_user)
       AND query NOT LIKE '%pg_stat_statements%'
     GROUP BY 1`,
  )
  return new Map(answer.rows.map((row) => [row.id, { query: row.query, calls: Number(row.calls) }]))
}
