import pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { DurationRecorder } from '../contract/duration-recorder.ts'
import { pgPoolOf } from './counted-pg-pool.ts'
import { absentDatabase, CountedPool } from './pool.ts'
import { startTestPostgres, type TestPostgres } from './postgres.fixture.ts'

let postgres: TestPostgres
let counted: CountedPool
let view: pg.Pool

beforeAll(async () => {
  postgres = await startTestPostgres()
  counted = new CountedPool({
    databaseUrl: postgres.url,
    databaseSchema: 'authcost_view',
    applicationName: 'authcost-view-test',
    poolSize: 2,
  })
  view = counted.asPgPool()
})
afterAll(async () => {
  await counted?.close()
  await postgres?.[Symbol.asyncDispose]()
})

const recorded = (recorder: DurationRecorder): number => recorder.counts().counts.reduce((sum, count) => sum + count, 0)
const counts = (): number[] => [counted.queries, recorded(counted.poolWait), recorded(counted.queryTime)]

/** By how much queries, waits and query times grew while `work` ran. */
async function growth(work: () => Promise<unknown>): Promise<number[]> {
  const before = counts()
  await work()
  return counts().map((count, index) => count - (before[index] ?? 0))
}

it('counts and times a query of either style, with or without a connection of its own', async () => {
  expect(await growth(() => view.query('SELECT $1::int AS n', [1]))).toEqual([1, 1, 1])
  const withCallback = () =>
    new Promise((resolve, reject) => {
      view.query('SELECT 1', (error, result) => (error ? reject(error) : resolve(result.rows)))
    })
  expect(await growth(withCallback)).toEqual([1, 1, 1])
  const twoOnOneConnection = async () => {
    const client = await view.connect()
    await client.query('SELECT 1')
    await new Promise((resolve) => client.query('SELECT 2', resolve))
    client.release()
  }
  expect(await growth(twoOnOneConnection)).toEqual([2, 1, 2])
})

it('answers what node-postgres itself answers', async () => {
  const result = await view.query({ text: 'SELECT $1::text AS word', values: ['same'], rowMode: 'array' })
  expect([result.command, result.rowCount, result.rows, result.fields[0]?.name]).toEqual([
    'SELECT',
    1,
    [['same']],
    'word',
  ])
})

it('hands out one object for one connection, by which libraries know it again', async () => {
  const first = await view.connect()
  first.release()
  const second = await view.connect()
  second.release()
  expect(second).toBe(first)
})

it("keeps a connection after an error of Postgres' own, and counts the query that failed", async () => {
  await view.query('SELECT 1')
  const total = view.totalCount
  expect(await growth(() => expect(view.query('SELECT nonsense')).rejects.toBeInstanceOf(pg.DatabaseError))).toEqual([
    1, 1, 1,
  ])
  expect(view.totalCount).toBe(total)
})

it('is not ended by a library that ends what it was given', async () => {
  await view.end()
  expect((await view.query('SELECT 1 AS n')).rows).toEqual([{ n: 1 }])
})

it('says that the database does not answer where no connection can be had', async () => {
  const nowhere = new CountedPool({
    databaseUrl: 'postgres://nobody@127.0.0.1:1/none',
    databaseSchema: 'none',
    applicationName: 'authcost-view-test',
    poolSize: 1,
  })
  await expect(nowhere.asPgPool().query('SELECT 1')).rejects.toMatchObject({ code: 'database.unavailable' })
  await nowhere.close()
})

it('cannot be had from a server without a database', () => {
  expect(() => pgPoolOf(absentDatabase())).toThrow(/without a database/)
})
