import type pg from 'pg'

/** What Postgres has written since its statistics began, cumulative. */
export interface WriteCounters {
  /** Position in the write-ahead log: everything in it, headers and full-page images included, bytes. */
  readonly walBytes: number
  /** Images of whole pages in the log: a page's first change after a checkpoint writes one, up to 8 KiB. */
  readonly fullPageImages: number
  readonly inserted: number
  readonly updated: number
  /** Of the updated: without a new entry in any index (heap-only tuples). */
  readonly hotUpdated: number
  readonly deleted: number
  /** Row versions that nobody can see and that are not yet cleared away; an estimate of Postgres's own. */
  readonly deadTuples: number
}

/**
 * Reads the write counters of the tables of a schema, and of the log of the whole server.
 *
 * A backend hands its counts in at most once a second while it lives, and for certain when it ends: of these figures
 * only the position in the log is exact while backends are still there.
 */
export async function readWrites(client: pg.Client, schema: string): Promise<WriteCounters> {
  const { rows } = await client.query<Record<keyof WriteCounters, string>>(
    `SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0') AS "walBytes",
            (SELECT wal_fpi FROM pg_stat_wal) AS "fullPageImages",
            coalesce(sum(n_tup_ins), 0) AS inserted, coalesce(sum(n_tup_upd), 0) AS updated,
            coalesce(sum(n_tup_hot_upd), 0) AS "hotUpdated", coalesce(sum(n_tup_del), 0) AS deleted,
            coalesce(sum(n_dead_tup), 0) AS "deadTuples"
     FROM pg_stat_user_tables WHERE schemaname = $1`,
    [schema],
  )
  const [row] = rows
  return {
    walBytes: Number(row?.walBytes),
    fullPageImages: Number(row?.fullPageImages),
    inserted: Number(row?.inserted),
    updated: Number(row?.updated),
    hotUpdated: Number(row?.hotUpdated),
    deleted: Number(row?.deleted),
    deadTuples: Number(row?.deadTuples),
  }
}

/** Waits until no backend of an application is left, so that all it counted is in. */
export async function backendsEnded(client: pg.Client, applicationName: string, timeoutMs = 5000): Promise<boolean> {
  const latestMs = performance.now() + timeoutMs
  for (;;) {
    const { rows } = await client.query<{ count: number }>(
      'SELECT count(*)::int AS count FROM pg_stat_activity WHERE application_name = $1',
      [applicationName],
    )
    if (rows[0]?.count === 0) return true
    if (performance.now() > latestMs) return false
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
