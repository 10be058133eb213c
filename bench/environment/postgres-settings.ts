import { totalmem } from 'node:os'
import type pg from 'pg'
import { AuthcostError } from '../../servers/contract/errors.ts'

/** What is recorded of every server, our own or not: what a reader needs to judge the database's share of the cost. */
export const recordedSettings = [
  'shared_buffers',
  'fsync',
  'synchronous_commit',
  'max_connections',
  'superuser_reserved_connections',
  // Since 16; older servers do not have it.
  'reserved_connections',
  'jit',
  'autovacuum',
  'wal_level',
  'checkpoint_timeout',
  'max_wal_size',
  'shared_preload_libraries',
  'track_io_timing',
  'server_encoding',
] as const

/**
 * Memory for pages, in MiB: a quarter of the machine's memory (the documentation's starting point), at least 128.
 * Capped at 2 GiB: 10 million sessions with their index take about 1.7 GB, and more would only take memory from others.
 */
export function sharedBuffersMib(memoryBytes: number): number {
  const quarter = Math.floor(memoryBytes / 4 / 2 ** 20)
  return Math.max(128, Math.min(2048, quarter))
}

/**
 * Command-line settings (`name=value`) for a server of our own. Durability stays at its defaults (fsync,
 * synchronous_commit, wal_level): a session that is written must cost what it costs in production.
 */
export function ownServerSettings(
  { maxConnections, autovacuum = true }: { readonly maxConnections: number; readonly autovacuum?: boolean },
  memoryBytes: number = totalmem(),
): readonly string[] {
  return [
    `shared_buffers=${sharedBuffersMib(memoryBytes)}MB`,
    // Beside the pools: the harness, the preparation, autovacuum and the reserved ones.
    `max_connections=${maxConnections}`,
    'shared_preload_libraries=pg_stat_statements',
    'password_encryption=scram-sha-256',
    // A timed checkpoint every 5 minutes would land in some slices; the harness issues its own after seeding.
    'checkpoint_timeout=30min',
    'max_wal_size=4GB',
    ...(autovacuum ? [] : ['autovacuum=off']),
    'log_line_prefix=%m [%p] ',
  ]
}

/** What `describeServer` found out. */
export interface ServerDescription {
  readonly version: string
  readonly versionNumber: number
  readonly settings: Readonly<Record<string, string>>
}

/**
 * Asks a server for its version and the recorded settings.
 *
 * @throws {AuthcostError} `postgres.version` for servers older than 14.
 */
export async function describeServer(client: pg.Client): Promise<ServerDescription> {
  const answer = await client.query<{ name: string; value: string }>(
    'SELECT name, current_setting(name) AS value FROM pg_settings WHERE name = ANY($1)',
    [[...recordedSettings, 'server_version', 'server_version_num']],
  )
  const all = new Map(answer.rows.map((row) => [row.name, row.value]))
  const version = all.get('server_version') ?? 'unknown'
  const versionNumber = Number(all.get('server_version_num') ?? 0)
  if (versionNumber < 140_000) {
    throw new AuthcostError('postgres.version', `Postgres ${version} is too old: authcost needs 14 or newer.`)
  }
  const settings: Record<string, string> = {}
  for (const name of recordedSettings) {
    const value = all.get(name)
    if (value !== undefined) settings[name] = value
  }
  return { version, versionNumber, settings }
}

/**
 * Last steps on a fresh server of our own: pg_stat_statements at hand but not tracking while anything is timed.
 * Through ALTER SYSTEM, because a setting on the command line could not be changed later.
 */
export async function prepareOwnServer(client: pg.Client): Promise<void> {
  await client.query("ALTER SYSTEM SET pg_stat_statements.track = 'none'")
  await client.query('SELECT pg_reload_conf()')
  // Images without contrib lack it: counting queries is then absent, with its reason.
  await client.query('CREATE EXTENSION IF NOT EXISTS pg_stat_statements').catch(() => undefined)
}
