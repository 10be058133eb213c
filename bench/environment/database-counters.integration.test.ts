import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type DatabaseCounters, openDatabaseCounters } from './database-counters.ts'
import { RunLock } from './lock-file.ts'
import { startPostgres } from './postgres.ts'
import type { PostgresHandle } from './postgres-handle.ts'

const state = mkdtempSync(join(tmpdir(), 'authcost-test-state-'))
let postgres: PostgresHandle
let counters: DatabaseCounters
let pool: pg.Pool

beforeAll(async () => {
  postgres = await startPostgres({
    choice: 'embedded',
    image: '',
    maxConnections: 30,
    runId: 'counters',
    lock: new RunLock('counters', state),
    log: () => undefined,
    signal: new AbortController().signal,
  })
  counters = await openDatabaseCounters({ url: postgres.url, own: true })
  pool = new pg.Pool({ connectionString: postgres.url, application_name: 'authcost-app-1', max: 2 })
})
afterAll(async () => {
  await pool.end()
  await counters[Symbol.asyncDispose]()
  await postgres[Symbol.asyncDispose]()
  rmSync(state, { recursive: true, force: true })
})

test.runIf(process.platform === 'linux')(
  'CPU time is read per backend of the named application and grows with its work',
  async () => {
    await pool.query('SELECT 1')
    const before = await counters.backendCpu('authcost-app-1')
    await pool.query('SELECT sum(sqrt(n)) FROM generate_series(1, 1000000) n')
    const after = await counters.backendCpu('authcost-app-1')
    if ('absent' in before || 'absent' in after) throw new Error('absent')
    expect([...after.backends.keys()]).toEqual([...before.backends.keys()])
    const [pid = 0] = after.backends.keys()
    // A million square roots take tens of milliseconds; no machine does them in one.
    expect((after.backends.get(pid) ?? 0) - (before.backends.get(pid) ?? 0)).toBeGreaterThan(1e6)
    expect(after.helpersNs).toBeGreaterThan(0)
  },
)

test('CPU time is absent with its reason for a user who may not read it', async () => {
  await pool.query("CREATE ROLE plain LOGIN PASSWORD 'plain'")
  const url = new URL(postgres.url)
  url.username = 'plain'
  url.password = 'plain'
  const limited = await openDatabaseCounters({ url: url.href, own: false })
  expect(await limited.backendCpu('authcost-app-1')).toEqual({ absent: expect.stringContaining('may not read /proc') })
  expect(await limited.otherClients([])).toEqual({ absent: expect.stringContaining('pg_read_all_stats') })
  await limited[Symbol.asyncDispose]()
})

const tracking = async (): Promise<string | undefined> => {
  const { rows } = await pool.query<{ track: string }>("SELECT current_setting('pg_stat_statements.track') AS track")
  return rows[0]?.track
}

test('exactly the calls of others are counted, on connections that were open before', async () => {
  const open = await Promise.all([pool.connect(), pool.connect()])
  for (const client of open) client.release()
  const counted = await counters.withQueryTracking((count) =>
    count(async () => {
      for (let i = 0; i < 25; i++) await pool.query({ name: 'q', text: 'SELECT $1::int AS asked', values: [i] })
      await counters.databaseBytes('public')
      return 'done'
    }),
  )
  expect(counted.result).toBe('done')
  expect(counted.calls).toBe(25)
  expect(counted.statements).toEqual([{ query: expect.stringContaining('AS asked'), calls: 25 }])
  // A connection hears of it by a signal from the postmaster, which takes a moment.
  await expect.poll(tracking, { timeout: 5000 }).toBe('none')
})

test('the round trip of a trivial query has a p99 not below its p50', async () => {
  const { p50, p99, samples } = await counters.roundTrip(500)
  expect(samples).toBe(500)
  expect(p50).toBeGreaterThan(0)
  expect(p99).toBeGreaterThanOrEqual(p50)
})

test('clients of others that have been active are counted, those of our own prefix are not', async () => {
  await pool.query('SELECT 1')
  expect(await counters.otherClients([], 60_000)).toBeGreaterThan(0)
  expect(await counters.otherClients(['authcost-app-'], 60_000)).toBe(0)
  // Not a pattern: of another run whose name differs in one character.
  expect(await counters.otherClients(['authcost_app-'], 60_000)).toBeGreaterThan(0)
})

test('a checkpoint is noticed', async () => {
  const before = await counters.backgroundActivity()
  await pool.query('CHECKPOINT')
  await expect.poll(async () => (await counters.backgroundActivity()).checkpoints).toBeGreaterThan(before.checkpoints)
})

test('the size of a schema is that of its tables and indexes', async () => {
  expect(await counters.databaseBytes('sized')).toBe(0)
  await pool.query('CREATE SCHEMA sized')
  await pool.query('CREATE TABLE sized.t AS SELECT generate_series(1, 10000) AS n')
  expect(await counters.databaseBytes('sized')).toBeGreaterThan(300_000)
})

test('tables of a schema are read into memory again, wherever the extension lives, and without it nothing happens', async () => {
  await pool.query('CREATE SCHEMA warm; CREATE TABLE warm.t AS SELECT generate_series(1, 1000) AS n')
  await counters.prewarm('warm')
  await pool.query('CREATE EXTENSION IF NOT EXISTS pg_prewarm SCHEMA warm')
  await counters.prewarm('warm')
  const seen = await pool.query<{ bytes: string }>("SELECT pg_relation_size('warm.t') AS bytes")
  expect(Number(seen.rows[0]?.bytes)).toBeGreaterThan(0)
})
