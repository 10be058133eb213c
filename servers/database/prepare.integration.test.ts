import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { seededIdentity } from '../contract/identity.ts'
import { defaultSessionLayout, type SessionLayout } from '../contract/session-layout.ts'
import { CountedPool } from './pool.ts'
import { startTestPostgres, type TestPostgres } from './postgres.fixture.ts'
import { smallPreparation } from './prepare.fixture.ts'
import { prepareDatabase } from './prepare.ts'
import { readSeeding } from './seed.ts'
import { seededSessionId, seededSessionNumber } from './seeded-session.ts'
import { idColumn } from './session-table.ts'
import { sessionStatements } from './sessions.ts'
import { hashSessionId, storedId } from './stored-id.ts'

const schema = 'authcost_prepare'
const sessions = sessionStatements({
  layout: defaultSessionLayout,
  prepared: true,
  touch: 'never',
  idleTimeoutS: 1800,
  withExpiry: false,
})
let postgres: TestPostgres
let pool: CountedPool
let admin: pg.Client
const phases: string[] = []

beforeAll(async () => {
  postgres = await startTestPostgres()
  const done = await prepareDatabase(smallPreparation(postgres.url, schema), ({ phase, done: count, total }) => {
    expect(count).toBeLessThanOrEqual(total)
    phases.push(phase)
  })
  expect(done.notices).toEqual([])
  expect(done.databaseBytes).toBeGreaterThan(0)
  pool = new CountedPool({
    databaseUrl: postgres.url,
    databaseSchema: schema,
    applicationName: 'authcost-test',
    poolSize: 3,
  })
  admin = new pg.Client({ connectionString: postgres.url, options: `-c search_path=${schema}` })
  await admin.connect()
})
afterAll(async () => {
  await pool?.close()
  await admin?.end()
  await postgres?.[Symbol.asyncDispose]()
})

/** The address with options for Postgres in it. */
function addressWith(options: string): string {
  const address = new URL(postgres.url)
  address.searchParams.set('options', options)
  return address.href
}

describe('seeding', () => {
  it('reports its phases in order', () => {
    expect([...new Set(phases)]).toEqual(['users', 'sessions', 'indexes', 'settling'])
  })

  it('writes the identities that the contract computes', async () => {
    const { rows } = await admin.query('SELECT user_id AS "userId", username, role FROM users ORDER BY user_id')
    expect(rows).toEqual(Array.from({ length: 10 }, (_, i) => seededIdentity(i + 1)))
  })

  it('makes every session findable under the id that JavaScript computes', async () => {
    const { sessionSecret, users, sessions: count } = smallPreparation(postgres.url, schema)
    for (let number = 1; number <= count; number++) {
      const found = await sessions.lookUp(pool, hashSessionId(seededSessionId(sessionSecret, number)))
      expect(found).toEqual(seededIdentity(((number - 1) % users) + 1))
    }
    expect(await sessions.lookUp(pool, hashSessionId(seededSessionId(sessionSecret, count + 1)))).toBeUndefined()
  })

  it('writes down what it seeded', async () => {
    expect(await readSeeding(pool)).toEqual({ users: 10, sessions: 45 })
  })

  it('keeps registered users apart from seeded ones', async () => {
    const { rows } = await admin.query("INSERT INTO users (username, role) VALUES ('new', 'member') RETURNING user_id")
    expect(rows[0].user_id).toBe(11)
    await admin.query("DELETE FROM users WHERE username = 'new'")
  })

  it('leaves frozen pages and no autovacuum where the plan only reads', async () => {
    const { rows } = await admin.query(
      "SELECT relname, reloptions::text AS options, relfrozenxid::text::int8 > 0 AS frozen, reltuples FROM pg_class WHERE oid IN ('users'::regclass, 'session_auth'::regclass) ORDER BY relname",
    )
    expect(rows).toMatchObject([
      { relname: 'session_auth', options: '{autovacuum_enabled=off}', reltuples: 45 },
      { relname: 'users', options: '{autovacuum_enabled=off}', reltuples: 10 },
    ])
  })

  it('fills only the layouts that are asked for, each with ids of its own form', async () => {
    const layouts: SessionLayout[] = [
      { ...defaultSessionLayout, name: 'session_plain', hash: 'plain', idBytes: 64 },
      { ...defaultSessionLayout, name: 'session_hash', index: 'hash', table: 'unlogged', idBytes: 16 },
      { ...defaultSessionLayout, name: 'session_written', written: true },
    ]
    const preparation = { ...smallPreparation(postgres.url, 'authcost_layouts'), sessionLayouts: layouts }
    await prepareDatabase(preparation, () => {})
    const { rows } = await admin.query(
      `SELECT c.relname AS name, c.relpersistence AS persistence, c.reloptions::text AS options, am.amname AS method
FROM pg_class c JOIN pg_index i ON i.indrelid = c.oid JOIN pg_class ic ON ic.oid = i.indexrelid
JOIN pg_am am ON am.oid = ic.relam
WHERE c.relnamespace = 'authcost_layouts'::regnamespace AND c.relname LIKE 'session%' ORDER BY c.relname`,
    )
    expect(rows).toEqual([
      { name: 'session_hash', persistence: 'u', options: '{autovacuum_enabled=off}', method: 'hash' },
      { name: 'session_plain', persistence: 'p', options: '{autovacuum_enabled=off}', method: 'btree' },
      { name: 'session_written', persistence: 'p', options: '{fillfactor=80}', method: 'btree' },
    ])
    for (const layout of layouts) {
      const text = `SELECT user_id FROM authcost_layouts.${layout.name} WHERE ${idColumn(layout)} = $1`
      for (const number of [1, 45]) {
        const id = seededSessionId(preparation.sessionSecret, number, layout.idBytes)
        expect(Buffer.from(id, 'base64url')).toHaveLength(layout.idBytes)
        expect((await admin.query(text, [storedId(id, layout)])).rows).toEqual([{ user_id: ((number - 1) % 10) + 1 }])
      }
    }
  })

  it('adds the table of another layout to a database that is kept', async () => {
    const kept = { ...smallPreparation(postgres.url, 'authcost_kept'), sessions: 0 }
    await prepareDatabase(kept, () => {})
    const plain: SessionLayout = { ...defaultSessionLayout, name: 'session_plain', hash: 'plain' }
    await prepareDatabase({ ...kept, sessionLayouts: [plain] }, () => {})
    expect((await admin.query('SELECT id FROM authcost_kept.session_plain')).rows).toEqual([])
  })

  it('stays in the schema of the run where the address brings options of its own', async () => {
    const databaseSchema = 'authcost_with_options'
    const databaseUrl = addressWith('-c search_path=public -c statement_timeout=60s')
    await prepareDatabase(smallPreparation(databaseUrl, databaseSchema), () => {})
    const { rows } = await admin.query("SELECT schemaname FROM pg_tables WHERE schemaname IN ('public', $1)", [
      databaseSchema,
    ])
    expect([...new Set(rows.map(({ schemaname }) => schemaname))]).toEqual([databaseSchema])
    const own = new CountedPool({ databaseUrl, databaseSchema, applicationName: 'authcost-own', poolSize: 1 })
    const settings = "SELECT current_schema() AS schema, current_setting('statement_timeout') AS timeout"
    const { rows: read } = await own.query({ text: settings, values: [] }).finally(() => own.close())
    expect(read).toEqual([{ schema: databaseSchema, timeout: '1min' }])
  })

  it('makes no tables where the schema of the run is not the one they would land in', async () => {
    const closed = 'authcost_closed'
    const database = new URL(postgres.url).pathname.slice(1)
    await admin.query(`CREATE ROLE authcost_outsider; CREATE SCHEMA ${closed};
GRANT CREATE ON DATABASE "${database}" TO authcost_outsider`)
    const databaseUrl = addressWith('-c role=authcost_outsider')
    await expect(prepareDatabase(smallPreparation(databaseUrl, closed), () => {})).rejects.toMatchObject({
      code: 'database.search-path',
    })
  })

  it('refuses to fill tables that exist', async () => {
    await expect(prepareDatabase(smallPreparation(postgres.url, schema), () => {})).rejects.toMatchObject({
      code: 'database.not-empty',
    })
  })

  it('creates the schema only, and leaves what is there, when no sessions are asked for', async () => {
    const empty = { ...smallPreparation(postgres.url, 'authcost_empty'), sessions: 0 }
    await prepareDatabase(empty, () => {})
    await admin.query("INSERT INTO authcost_empty.users (username, role) VALUES ('kept', 'member')")
    await prepareDatabase(empty, () => {})
    expect((await admin.query('SELECT username FROM authcost_empty.users')).rows).toEqual([{ username: 'kept' }])
  })

  it('says what to check when the database cannot be reached', async () => {
    const nowhere = smallPreparation('postgres://nobody@127.0.0.1:1/none', schema)
    await expect(prepareDatabase(nowhere, () => {})).rejects.toMatchObject({ code: 'database.unreachable' })
  })

  it('refuses schema names that would be SQL', async () => {
    const sly = smallPreparation(postgres.url, 'x; DROP SCHEMA public')
    await expect(prepareDatabase(sly, () => {})).rejects.toMatchObject({ code: 'database.schema-name' })
  })
})

describe('which seeded session is sent', () => {
  it('belongs to its user and lies anywhere in the table', () => {
    const seeding = { users: 1000, sessions: 100_000 }
    const numbers = Array.from({ length: 1000 }, (_, i) => seededSessionNumber(i + 1, seeding) ?? 0)
    numbers.forEach((number, i) => {
      expect((number - 1) % 1000).toBe(i)
      expect(number).toBeLessThanOrEqual(seeding.sessions)
    })
    const inTenth = numbers.filter((number) => number <= 10_000).length
    expect(inTenth).toBe(100)
  })

  it('is none where there are fewer sessions than users', () => {
    expect(seededSessionNumber(3, { users: 10, sessions: 5 })).toBe(3)
    expect(seededSessionNumber(6, { users: 10, sessions: 5 })).toBeUndefined()
  })
})

describe('sessions', () => {
  const idHash = hashSessionId('x'.repeat(43))

  it('are gone for the next look-up once deleted', async () => {
    await sessions.insert(pool, { storedId: idHash, userId: 1, nowMs: Date.now(), lifetimeS: 60 })
    expect(await sessions.lookUp(pool, idHash)).toEqual(seededIdentity(1))
    await sessions.delete(pool, idHash)
    expect(await sessions.lookUp(pool, idHash)).toBeUndefined()
  })

  it('are not found once expired, and can then be cleared away', async () => {
    await sessions.insert(pool, { storedId: idHash, userId: 1, nowMs: Date.now() - 61_000, lifetimeS: 60 })
    expect(await sessions.lookUp(pool, idHash)).toBeUndefined()
    expect(await sessions.deleteExpired(pool)).toBe(1)
  })

  it('end with their user', async () => {
    const { rows } = await admin.query(
      "INSERT INTO users (username, role) VALUES ('leaving', 'member') RETURNING user_id",
    )
    await sessions.insert(pool, { storedId: idHash, userId: rows[0].user_id, nowMs: Date.now(), lifetimeS: 60 })
    await admin.query("DELETE FROM users WHERE username = 'leaving'")
    expect(await sessions.lookUp(pool, idHash)).toBeUndefined()
  })
})
