import { connect, createServer, type Socket } from 'node:net'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DurationRecorder } from '../contract/duration-recorder.ts'
import { openListeningConnection } from './listening-connection.ts'
import { CountedPool } from './pool.ts'
import { startTestPostgres, type TestPostgres } from './postgres.fixture.ts'
import { smallPreparation } from './prepare.fixture.ts'
import { prepareDatabase } from './prepare.ts'

const applicationName = 'authcost-pool-test'
let postgres: TestPostgres
let pool: CountedPool
let admin: pg.Client

const recorded = (recorder: DurationRecorder): number => recorder.counts().counts.reduce((sum, count) => sum + count, 0)
const select = (text: string) => ({ text, values: [] })

async function backends(): Promise<number> {
  const { rows } = await admin.query('SELECT count(*)::int AS n FROM pg_stat_activity WHERE application_name = $1', [
    applicationName,
  ])
  return rows[0].n
}

async function untilBackends(count: number): Promise<number> {
  for (let attempt = 0; attempt < 100 && (await backends()) !== count; attempt++) {
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return backends()
}

/** A way to a Postgres that can be cut: both ends see a socket that closes, and nobody says why. */
async function cuttableWire(target: URL): Promise<{ url: string; cut(): void } & AsyncDisposable> {
  const sockets = new Set<Socket>()
  const server = createServer((near) => {
    const far = connect(Number(target.port), target.hostname)
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from)
      from.on('error', () => {}).pipe(to)
      from.once('close', () => to.destroy())
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = new URL(target)
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('No port was given.')
  url.hostname = '127.0.0.1'
  url.port = String(address.port)
  const cut = () => {
    for (const socket of sockets) socket.destroy()
    sockets.clear()
  }
  return {
    url: url.href,
    cut,
    [Symbol.asyncDispose]: async () => {
      cut()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const poolBehind = ({ url }: { readonly url: string }): CountedPool =>
  new CountedPool({ databaseUrl: url, databaseSchema: 'authcost_pool', applicationName: 'cut', poolSize: 1 })

beforeAll(async () => {
  postgres = await startTestPostgres()
  admin = new pg.Client({ connectionString: postgres.url })
  await admin.connect()
  pool = new CountedPool({ databaseUrl: postgres.url, databaseSchema: 'authcost_pool', applicationName, poolSize: 4 })
})
afterAll(async () => {
  await pool?.close()
  await admin?.end()
  await postgres?.[Symbol.asyncDispose]()
})

describe('the counted pool', () => {
  it('opens nothing before it is used', async () => {
    expect(pool.state()).toBeUndefined()
    expect(await backends()).toBe(0)
  })

  it('opens every connection when warmed, runs the statements often enough for a generic plan, and counts none of it', async () => {
    const statement = { name: 'warm', text: 'SELECT $1::int AS n', values: [1] }
    await pool.warm({ prewarm: async (connection) => void (await connection.query(statement)) })
    expect(await backends()).toBe(4)
    expect(pool.state()).toMatchObject({ total: 4, idle: 4, waiting: 0 })
    expect(pool.queries).toBe(0)
    const generic = await pool.query<{ runs: number }>(
      select("SELECT (generic_plans + custom_plans)::int AS runs FROM pg_prepared_statements WHERE name = 'warm'"),
    )
    expect(generic.rows[0]?.runs).toBeGreaterThanOrEqual(6)
  })

  it('counts and times each query, and the wait before it apart', async () => {
    const before = { queries: pool.queries, waits: recorded(pool.poolWait), times: recorded(pool.queryTime) }
    await Promise.all(Array.from({ length: 9 }, () => pool.query(select('SELECT pg_sleep(0.01)'))))
    expect(pool.queries - before.queries).toBe(9)
    expect(recorded(pool.poolWait) - before.waits).toBe(9)
    expect(recorded(pool.queryTime) - before.times).toBe(9)
  })

  it('finds the tables of its schema', async () => {
    expect((await pool.query(select('SHOW search_path'))).rows).toEqual([{ search_path: 'authcost_pool' }])
  })

  it('keeps a connection whose statement was wrong, and passes on what Postgres said', async () => {
    await expect(pool.query(select('SELEC 1'))).rejects.toMatchObject({ code: '42601' })
    expect(pool.state()?.total).toBe(4)
  })

  it('rolls back a transaction that throws', async () => {
    await pool.query(select('CREATE TABLE public.t (n int)'))
    await expect(
      pool.transaction(async (connection) => {
        await connection.query(select('INSERT INTO public.t VALUES (1)'))
        throw new Error('changed my mind')
      }),
    ).rejects.toThrow('changed my mind')
    await pool.transaction((connection) => connection.query(select('INSERT INTO public.t VALUES (2)')))
    expect((await pool.query(select('SELECT n FROM public.t'))).rows).toEqual([{ n: 2 }])
  })

  it('shrinks and grows while it lives', async () => {
    await pool.setPoolSize(2)
    expect(await untilBackends(2)).toBe(2)
    await pool.setPoolSize(5)
    await pool.warm({})
    expect(await backends()).toBe(5)
    expect(pool.state()).toMatchObject({ total: 5, idle: 5, waiting: 0 })
  })

  it('survives connections that are cut, and answers again', async () => {
    await admin.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1', [
      applicationName,
    ])
    await untilBackends(0)
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect((await pool.query(select('SELECT 1 AS one'))).rows).toEqual([{ one: 1 }])
  })

  it('says that the database did not answer when a query is cut off', async () => {
    const cut = pool.query(select('SELECT pg_terminate_backend(pg_backend_pid())'))
    await expect(cut).rejects.toMatchObject({ code: 'database.unavailable' })
  })

  it.each([
    ['query', (standby: CountedPool, text: string) => standby.query(select(text))],
    [
      'transaction',
      (standby: CountedPool, text: string) => standby.transaction((connection) => connection.query(select(text))),
    ],
    ["library's query", (standby: CountedPool, text: string) => standby.asPgPool().query(text)],
    [
      "library's connection",
      async (standby: CountedPool, text: string) => {
        const client = await standby.asPgPool().connect()
        // As it came from Postgres: the library decides what it makes of it.
        const failed = await client.query(text).catch((error: unknown) => error)
        client.release()
        if (failed instanceof Error) throw Object.assign(failed, { code: 'database.unavailable' })
      },
    ],
  ] as const)('lets go of a connection on which a %s finds that nothing can be written', async (_, ask) => {
    const write = 'CREATE TABLE IF NOT EXISTS public.written (n int)'
    const standby = poolBehind(postgres)
    await standby.query(select('SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY'))
    await expect(ask(standby, write)).rejects.toMatchObject({ code: 'database.unavailable' })
    await ask(standby, write)
    await standby.close()
  })

  it.each([
    ['query', (cut: CountedPool) => cut.query(select('SELECT pg_sleep(5)'))],
    [
      'transaction',
      (cut: CountedPool) => cut.transaction((connection) => connection.query(select('SELECT pg_sleep(5)'))),
    ],
    ["library's query", (cut: CountedPool) => cut.asPgPool().query('SELECT pg_sleep(5)')],
  ] as const)('outlives a network that breaks during a %s', async (_, ask) => {
    await using wire = await cuttableWire(new URL(postgres.url))
    const behind = poolBehind(wire)
    await behind.warm({})
    const asked = ask(behind)
    setTimeout(() => wire.cut(), 100)
    await expect(asked).rejects.toMatchObject({ code: 'database.unavailable' })
    expect((await behind.query(select('SELECT 1 AS one'))).rows).toEqual([{ one: 1 }])
    await behind.close()
  })

  it('outlives a network that breaks between two queries of a transaction', async () => {
    await using wire = await cuttableWire(new URL(postgres.url))
    const behind = poolBehind(wire)
    await expect(
      behind.transaction(async (connection) => {
        wire.cut()
        await new Promise((resolve) => setTimeout(resolve, 50))
        return connection.query(select('SELECT 1'))
      }),
    ).rejects.toMatchObject({ code: 'database.unavailable' })
    expect((await behind.query(select('SELECT 1 AS one'))).rows).toEqual([{ one: 1 }])
    await behind.close()
  })

  const canaries = 'postgres://canary-user:canary-pw@canary-host.invalid:5432/canary-db'
  const nowhere = { databaseUrl: canaries, databaseSchema: 'authcost_pool', applicationName: 'nowhere', poolSize: 1 }
  const listener = { onNotification: () => {}, onLost: () => {} }
  it.each([
    ['pool', () => new CountedPool(nowhere).query(select('SELECT 1'))],
    ['listening connection', () => openListeningConnection(nowhere, listener)],
    ['preparation', () => prepareDatabase(smallPreparation(canaries, 'authcost_pool'), () => {})],
  ])('says that a host is not there, without its name or a user (%s)', async (_, ask) => {
    const error: unknown = await ask().catch((caught: unknown) => caught)
    expect(String(error)).toMatch(/ENOTFOUND|EAI_AGAIN/)
    expect(String(error)).not.toContain('canary')
  })

  it('gives a query on a listening connection a second, and one that is known to be long the time it needs', async () => {
    const options = { databaseUrl: postgres.url, databaseSchema: 'authcost_pool', applicationName: 'listening' }
    const connection = await openListeningConnection(options, listener)
    const long = select('SELECT pg_sleep(1.2)')
    expect(await connection.query(long, { timeoutMs: 60_000 })).toMatchObject({ rowCount: 1 })
    await expect(connection.query(long)).rejects.toThrow()
    await connection.close()
  })

  it('refuses a pool larger than the server allows when warmed', async () => {
    const large = new CountedPool({
      databaseUrl: postgres.url,
      databaseSchema: 'authcost_pool',
      applicationName: 'large',
      poolSize: 120,
    })
    await expect(large.warm({})).rejects.toMatchObject({ code: 'database.unavailable' })
    await large.close()
  })
})
