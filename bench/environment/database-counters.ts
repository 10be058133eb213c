import type pg from 'pg'
import type { Absent } from '../record/slice.ts'
import { connectHarness, harnessApplicationName } from './connection.ts'
import { type CountQueries, withQueryTracking } from './query-tracking.ts'
import { backendsEnded, readWrites, type WriteCounters } from './write-counters.ts'

/** CPU of a server's backends and of Postgres's helpers, cumulative since each process started. */
export interface BackendCpu {
  /** Backend pid (as Postgres sees it) to nanoseconds of CPU. Parallel workers count with their leader's name. */
  readonly backends: ReadonlyMap<number, number>
  /** WAL writer, checkpointer, background writer, autovacuum, io workers and the like together, nanoseconds. */
  readonly helpersNs: number | Absent
}

/** What may make a slice doubtful on the database's side. */
export interface BackgroundActivity {
  /** Checkpoints finished since the server started, timed and requested. */
  readonly checkpoints: number
  /** A checkpoint is being written this moment. */
  readonly checkpointing: boolean
  readonly autovacuumWorkers: number
}

/** The harness's own view of Postgres, on one dedicated connection. None of it runs while a slice is being measured. */
export interface DatabaseCounters extends AsyncDisposable {
  /** Absent, with its reason, where the server may not read `/proc` or the user may not ask it to. */
  backendCpu(applicationName: string): Promise<BackendCpu | Absent>
  /** Round trip of a trivial prepared query, microseconds, on a server that should be idle. */
  roundTrip(samples: number): Promise<{ readonly p50: number; readonly p99: number; readonly samples: number }>
  /**
   * Client backends of others that are active or were within the last `windowMs` (default 1000).
   *
   * @param ownPrefixes application names that begin with one of these are nobody else's
   */
  otherClients(ownPrefixes: readonly string[], windowMs?: number): Promise<number | Absent>
  backgroundActivity(): Promise<BackgroundActivity>
  /** Runs `body` while pg_stat_statements counts the calls of others. Not for timed passes. */
  withQueryTracking<T>(body: (count: CountQueries) => Promise<T>): Promise<T>
  /** Reads tables and indexes of a schema into memory; does nothing where pg_prewarm cannot be had. */
  prewarm(schema: string): Promise<void>
  /** What was written to the tables of a schema, and to the log. */
  writes(schema: string): Promise<WriteCounters>
  /** Whether all backends of an application have ended, after waiting for them. */
  backendsEnded(applicationName: string): Promise<boolean>
  /** Tables with their indexes in a schema, bytes. */
  databaseBytes(schema: string): Promise<number>
}

/**
 * Opens the harness's connection for counters.
 *
 * @param own whether the server is our own: only then are its settings changed (query tracking) for a while.
 * @param onLost called when the connection ends unasked.
 * @throws {AuthcostError} `postgres.*` when it cannot connect.
 */
export async function openDatabaseCounters(options: {
  readonly url: string
  readonly own: boolean
  readonly onLost?: (reason: string) => void
}): Promise<DatabaseCounters> {
  let closing = false
  const client = await connectHarness(options.url, { onLost: (reason) => closing || options.onLost?.(reason) })
  // The counters must not wake anything up themselves: no plan with workers, no JIT, no tracking of their own.
  await client.query('SET jit = off; SET max_parallel_workers_per_gather = 0')
  const version = Number(
    (await client.query<{ v: string }>("SELECT current_setting('server_version_num') AS v")).rows[0]?.v,
  )
  return {
    backendCpu: (applicationName) => backendCpu(client, applicationName),
    roundTrip: (samples) => roundTrip(client, samples),
    otherClients: (ownPrefixes, windowMs = 1000) => otherClients(client, ownPrefixes, windowMs),
    backgroundActivity: () => backgroundActivity(client, version),
    withQueryTracking: (body) => withQueryTracking(client, options.own, body),
    async prewarm(schema) {
      // The extension lives in whichever schema it was created in.
      const extension = await client.query<{ schema: string }>(
        `SELECT quote_ident(n.nspname) AS schema FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
         WHERE e.extname = 'pg_prewarm'`,
      )
      const home = extension.rows[0]?.schema
      if (home === undefined) return
      await client.query(
        `SELECT ${home}.pg_prewarm(c.oid) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE n.nspname = $1 AND c.relkind IN ('r', 'i')`,
        [schema],
      )
    },
    writes: (schema) => readWrites(client, schema),
    backendsEnded: (applicationName) => backendsEnded(client, applicationName),
    async databaseBytes(schema) {
      const answer = await client.query<{ bytes: string }>(
        `SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0) AS bytes
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relkind IN ('r', 'm')`,
        [schema],
      )
      return Number(answer.rows[0]?.bytes ?? 0)
    },
    async [Symbol.asyncDispose]() {
      closing = true
      await client.end().catch(() => undefined)
    },
  }
}

/**
 * One round trip: for each process of Postgres the first number of `/proc/<pid>/schedstat`, its CPU time in ns
 * (https://docs.kernel.org/scheduler/sched-stats.html). An explicit length, because `/proc` files claim to be empty;
 * missing_ok, because a backend may end between the two reads.
 */
const backendCpuQuery = `
  SELECT pid, backend_type IN ('client backend', 'parallel worker') AS client, application_name = $1 AS wanted,
         split_part(pg_read_file('/proc/' || pid || '/schedstat', 0, 100, true), ' ', 1) AS ns
  FROM pg_stat_activity
  WHERE application_name = $1 OR backend_type NOT IN ('client backend', 'parallel worker')`

async function backendCpu(client: pg.Client, applicationName: string): Promise<BackendCpu | Absent> {
  let rows: readonly { pid: number; client: boolean; wanted: boolean; ns: string | null }[]
  try {
    const answer = await client.query<{ pid: number; client: boolean; wanted: boolean; ns: string | null }>({
      name: 'authcost-backend-cpu',
      text: backendCpuQuery,
      values: [applicationName],
    })
    rows = answer.rows
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === '42501') {
      return { absent: 'the database user may not read /proc on the server (superuser or pg_read_server_files needed)' }
    }
    // Syntax errors and lost connections are not "refused": they must be seen.
    if (code === undefined || String(code).startsWith('42')) throw error
    return { absent: `the server cannot read its processes' CPU time (SQLSTATE ${String(code)})` }
  }
  const backends = new Map<number, number>()
  let helpersNs = 0
  let unreadable = 0
  for (const row of rows) {
    const ns = row.ns === null || row.ns === '' ? undefined : Number(row.ns)
    if (row.client && row.wanted) {
      if (ns === undefined) unreadable++
      else backends.set(row.pid, ns)
    } else if (ns !== undefined) helpersNs += ns
  }
  if (unreadable > 0 && backends.size === 0) return { absent: 'the server has no /proc/<pid>/schedstat to read' }
  if (backends.size > 0 && [...backends.values()].every((ns) => ns === 0)) {
    return { absent: "the server's kernel does not account CPU time per process (schedstat reads 0)" }
  }
  return { backends, helpersNs: helpersNs > 0 ? helpersNs : { absent: "no helper process's CPU time could be read" } }
}

async function roundTrip(client: pg.Client, samples: number): Promise<{ p50: number; p99: number; samples: number }> {
  const query = { name: 'authcost-round-trip', text: 'SELECT 1' }
  // The first calls prepare the statement and compile the client's code.
  for (let i = 0; i < 100; i++) await client.query(query)
  const timesUs: number[] = []
  for (let i = 0; i < samples; i++) {
    const start = process.hrtime.bigint()
    await client.query(query)
    timesUs.push(Number(process.hrtime.bigint() - start) / 1000)
  }
  timesUs.sort((a, b) => a - b)
  // Nearest rank: with hundreds of samples interpolation changes nothing that could be told.
  const at = (share: number): number => timesUs[Math.min(samples - 1, Math.ceil(samples * share) - 1)] ?? 0
  return { p50: at(0.5), p99: at(0.99), samples }
}

async function otherClients(
  client: pg.Client,
  ownPrefixes: readonly string[],
  windowMs: number,
): Promise<number | Absent> {
  const answer = await client.query<{ hidden: number; active: number }>({
    name: 'authcost-other-clients',
    // Without pg_read_all_stats the activity of other users is hidden behind nulls: that is not "none".
    text: `SELECT count(*) FILTER (WHERE backend_type IS NULL)::int AS hidden,
                  count(*) FILTER (WHERE backend_type = 'client backend'
                    AND NOT EXISTS (SELECT FROM unnest($1::text[]) AS own WHERE starts_with(application_name, own))
                    AND (state <> 'idle' OR state_change > clock_timestamp() - $2 * interval '1 ms'))::int AS active
           FROM pg_stat_activity WHERE pid <> pg_backend_pid()`,
    values: [[...ownPrefixes, harnessApplicationName], windowMs],
  })
  const row = answer.rows[0]
  if (row === undefined || (row.hidden > 0 && row.active === 0)) {
    return { absent: 'the database user may not see the activity of other users (pg_read_all_stats needed)' }
  }
  return row.active
}

async function backgroundActivity(client: pg.Client, version: number): Promise<BackgroundActivity> {
  // Postgres 17 moved the checkpointer's counters to a view of its own.
  const counter =
    version >= 170_000
      ? 'SELECT num_timed + num_requested FROM pg_stat_checkpointer'
      : 'SELECT checkpoints_timed + checkpoints_req FROM pg_stat_bgwriter'
  const answer = await client.query<{ checkpoints: string; checkpointing: boolean; workers: number }>({
    name: 'authcost-background',
    text: `SELECT (${counter}) AS checkpoints,
                  coalesce(bool_or(backend_type = 'checkpointer' AND wait_event IS DISTINCT FROM 'CheckpointerMain'), false) AS checkpointing,
                  count(*) FILTER (WHERE backend_type = 'autovacuum worker')::int AS workers
           FROM pg_stat_activity`,
  })
  const row = answer.rows[0]
  return {
    checkpoints: Number(row?.checkpoints ?? 0),
    checkpointing: row?.checkpointing ?? false,
    autovacuumWorkers: row?.workers ?? 0,
  }
}
