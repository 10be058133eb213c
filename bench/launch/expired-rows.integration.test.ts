import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { defaultSessionLayout } from '../../servers/contract/session-layout.ts'
import { startTestPostgres, type TestPostgres } from '../../servers/database/postgres.fixture.ts'
import { smallPreparation } from '../../servers/database/prepare.fixture.ts'
import { prepareDatabase } from '../../servers/database/prepare.ts'
import { deleteExpiredRows } from './expired-rows.ts'

const databaseSchema = 'authcost_expired'
const written = { ...defaultSessionLayout, name: 'session_auth_written', written: true }
const sessionLayouts = [defaultSessionLayout, written]
let postgres: TestPostgres
let client: pg.Client

beforeAll(async () => {
  postgres = await startTestPostgres()
  await prepareDatabase({ ...smallPreparation(postgres.url, databaseSchema), sessionLayouts }, () => {})
  client = new pg.Client({ connectionString: postgres.url, options: `-c search_path=${databaseSchema}` })
  await client.connect()
})
afterAll(async () => {
  await client?.end()
  await postgres?.[Symbol.asyncDispose]()
})

const countOf = async (table: string): Promise<number> =>
  Number((await client.query(`SELECT count(*) AS count FROM ${table}`)).rows[0]?.count)

/** One row that has expired and one that has not. */
async function addRows(table: string): Promise<void> {
  for (const expires of ["now() - interval '1 s'", "now() + interval '1 h'"]) {
    if (table === 'denied_families')
      await client.query(`INSERT INTO denied_families VALUES ($1, ${expires})`, [randomUUID()])
    else if (table === 'refresh_families')
      await client.query(`INSERT INTO refresh_families (family_id, user_id, expires_at) VALUES ($1, 1, ${expires})`, [
        randomUUID(),
      ])
    else
      await client.query(
        `INSERT INTO ${table} (id_hash, user_id, created_at, last_seen_at, expires_at)
         VALUES (decode(md5($1), 'hex'), 1, now() - interval '1 day', now() - interval '1 day', ${expires})`,
        [randomUUID()],
      )
  }
}

it('what has expired goes, in every table that a run writes to, and nothing else', async () => {
  const tables = [...sessionLayouts.map(({ name }) => name), 'denied_families', 'refresh_families']
  const before = new Map<string, number>()
  for (const table of tables) {
    await addRows(table)
    before.set(table, await countOf(table))
  }
  const options = { databaseUrl: postgres.url, databaseSchema, sessionLayouts }
  expect(await deleteExpiredRows(options)).toEqual(Object.fromEntries(tables.map((table) => [table, 1])))
  for (const table of tables) expect(await countOf(table)).toBe((before.get(table) ?? 0) - 1)
  expect(await deleteExpiredRows(options)).toEqual(Object.fromEntries(tables.map((table) => [table, 0])))
})

it('a database that cannot be reached is said, without its password', async () => {
  const databaseUrl = 'postgres://someone:canary-pw@127.0.0.1:1/none'
  const error = await deleteExpiredRows({ databaseUrl, databaseSchema, sessionLayouts }).catch((caught) => caught)
  expect(error).toBeInstanceOf(Error)
  expect(String(error)).not.toContain('canary-pw')
})
