import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Identity, seededIdentity } from '../../contract/identity.ts'
import { distinctLayouts } from '../../contract/session-layout.ts'
import type { AuthResult, Strategy } from '../../contract/strategy.ts'
import { CountedPool } from '../../database/pool.ts'
import { startTestPostgres, type TestPostgres } from '../../database/postgres.fixture.ts'
import { smallPreparation } from '../../database/prepare.fixture.ts'
import { prepareDatabase } from '../../database/prepare.ts'
import { requestWith } from '../request.fixture.ts'
import { session } from '../session.ts'

const databaseSchema = 'authcost_session'
const variants = {
  plain: session.parse({}),
  cached: session.parse({ cacheTtl: '1s' }),
  always: session.parse({ touch: 'always' }),
  throttled: session.parse({ touch: '60s', idleTimeoutS: 300 }),
  unprepared: session.parse({ prepared: 'false', hash: 'plain', index: 'hash' }),
}
const user = seededIdentity(3)
let postgres: TestPostgres
const pools = new Map<string, CountedPool>()
let admin: pg.Client
let nowMs = Date.now()

beforeAll(async () => {
  postgres = await startTestPostgres()
  const sessionLayouts = distinctLayouts(Object.values(variants).map(({ sessionLayout }) => sessionLayout))
  await prepareDatabase({ ...smallPreparation(postgres.url, databaseSchema), sessionLayouts }, () => {})
  admin = new pg.Client({ connectionString: postgres.url, options: `-c search_path=${databaseSchema}` })
  await admin.connect()
})
afterAll(async () => {
  for (const pool of pools.values()) await pool.close()
  await admin?.end()
  await postgres?.[Symbol.asyncDispose]()
})

/** A server has one strategy, and its statements have names of one server: every variant gets a pool of its own. */
function poolOf(name: string, poolSize = 4): CountedPool {
  const known = pools.get(name)
  if (known !== undefined) return known
  const pool = new CountedPool({ databaseUrl: postgres.url, databaseSchema, applicationName: 'test', poolSize })
  pools.set(name, pool)
  return pool
}

const tableOf = (name: keyof typeof variants): string => variants[name].sessionLayout?.name ?? ''

async function start(
  name: keyof typeof variants,
  periodMs?: number,
): Promise<{
  readonly strategy: Strategy
  ask(headers: Readonly<Record<string, string>>): Promise<AuthResult>
  logIn(options?: { readonly nowMs?: number; readonly lifetimeS?: number }): Promise<Readonly<Record<string, string>>>
}> {
  const { sessionSecret } = smallPreparation(postgres.url, databaseSchema)
  const strategy = await session.create(variants[name], {
    // Statements have the same names and, with other clocks, other texts.
    database: poolOf(periodMs === undefined ? name : `${name} with ${periodMs}`),
    secrets: { sessionSecret },
    now: () => nowMs,
    ...(periodMs === undefined ? {} : { periodMs }),
  })
  return {
    strategy,
    ask: async (headers) => strategy.authenticate(requestWith(headers)),
    logIn: async (options) =>
      (await strategy.issue(user, { nowMs: Date.now(), lifetimeS: 3600, ...options })).requestHeaders,
  }
}

const queries = (): number => [...pools.values()].reduce((sum, pool) => sum + pool.queries, 0)

const queriesFor = async (work: () => Promise<unknown>): Promise<number> => {
  const before = queries()
  await work()
  return queries() - before
}

describe('a cached session', () => {
  it('is asked for once within the TTL, and counted', async () => {
    const { strategy, ask, logIn } = await start('cached')
    const headers = await logIn()
    expect(await queriesFor(() => ask(headers))).toBe(1)
    expect(await queriesFor(() => ask(headers))).toBe(0)
    nowMs += 999
    expect(await ask(headers)).toEqual(user)
    expect(strategy.counters?.()).toEqual({ cacheHits: 2, cacheMisses: 1 })
    nowMs += 1
    expect(await queriesFor(() => ask(headers))).toBe(1)
  })

  it('is accepted until the TTL when another server has ended it, and never after', async () => {
    const one = await start('cached')
    const other = await start('cached')
    const headers = await one.logIn()
    expect(await one.ask(headers)).toEqual(user)
    await other.strategy.revoke(requestWith(headers))
    expect(await one.ask(headers)).toEqual(user)
    nowMs += 1000
    expect(await one.ask(headers)).toEqual({ refused: 'invalid' })
  })

  it('ends at once on the server that ended it', async () => {
    const { strategy, ask, logIn } = await start('cached')
    const headers = await logIn()
    await ask(headers)
    await strategy.revoke(requestWith(headers))
    expect(await ask(headers)).toEqual({ refused: 'invalid' })
  })

  it('is not accepted from memory once it has expired', async () => {
    const { ask, logIn } = await start('cached')
    const headers = await logIn({ lifetimeS: 0.5 })
    expect(await ask(headers)).toEqual(user)
    nowMs += 600
    await new Promise((resolve) => setTimeout(resolve, 520))
    expect(await ask(headers)).toEqual({ refused: 'invalid' })
  })

  it('is no place for refusals', async () => {
    const { strategy, ask } = await start('cached')
    const nobody = { cookie: `__Host-authcost-session=${'A'.repeat(43)}` }
    expect(await queriesFor(() => ask(nobody))).toBe(1)
    expect(await queriesFor(() => ask(nobody))).toBe(1)
    expect(strategy.counters?.()).toEqual({ cacheHits: 0, cacheMisses: 2 })
  })
})

describe('a shorter period than its own', () => {
  it('ends what is cached sooner', async () => {
    const { ask, logIn } = await start('cached', 200)
    const headers = await logIn()
    await ask(headers)
    nowMs += 199
    expect(await queriesFor(() => ask(headers))).toBe(0)
    nowMs += 1
    expect(await queriesFor(() => ask(headers))).toBe(1)
  })

  it('makes touches come sooner, in the same table', async () => {
    const { strategy, ask, logIn } = await start('throttled', 1000)
    const headers = await logIn({ nowMs: Date.now() - 2000 })
    expect(await ask(headers)).toMatchObject(user)
    expect(strategy.counters?.()).toEqual({ touches: 1 })
    const [seeded = {}] = (await strategy.seededCredentials?.([user], { nowMs, lifetimeS: 60 })) ?? []
    expect(await ask(seeded)).toMatchObject(user)
  })
})

describe('touching', () => {
  const lastSeen = async (table: string): Promise<number> =>
    (await admin.query<{ s: number }>(`SELECT extract(epoch FROM max(last_seen_at))::float8 AS s FROM ${table}`))
      .rows[0]?.s ?? 0

  it('always writes in the one query, without touching an index', async () => {
    const { strategy, ask, logIn } = await start('always')
    const headers = await logIn({ nowMs: Date.now() - 60_000 })
    expect(await queriesFor(() => ask(headers))).toBe(1)
    expect(await lastSeen(tableOf('always'))).toBeGreaterThan(Date.now() / 1000 - 5)
    expect(strategy.counters?.()).toEqual({ touches: 1 })
    for (let i = 0; i < 20; i++) await ask(headers)
    // A backend reports when it ends at the latest.
    await poolOf('always').close()
    pools.delete('always')
    await expect
      .poll(
        async () => {
          const { rows } = await admin.query(
            'SELECT n_tup_upd::int AS updates, n_tup_hot_upd::int AS hot FROM pg_stat_user_tables WHERE relname = $1',
            [tableOf('always')],
          )
          return rows[0]?.updates > 0 && rows[0]?.hot === rows[0]?.updates
        },
        { timeout: 10_000 },
      )
      .toBe(true)
  })

  it('every so often reads only, until it is due, and then writes once', async () => {
    const { strategy, ask, logIn } = await start('throttled')
    const headers = await logIn()
    expect(await queriesFor(() => ask(headers))).toBe(1)
    const older = await logIn({ nowMs: Date.now() - 61_000 })
    const results = await Promise.all([1, 2, 3, 4].map(() => ask(older)))
    expect(results).toMatchObject([user, user, user, user])
    expect(strategy.counters?.()).toEqual({ touches: 1 })
    expect(await queriesFor(() => ask(older))).toBe(1)
  })

  it('keeps a session in use alive past its idle timeout, and lets one that is not used end', async () => {
    const { strategy, ask, logIn } = await start('throttled')
    const table = tableOf('throttled')
    const headers = await logIn()
    const older = () =>
      admin.query(
        `UPDATE ${table} SET last_seen_at = last_seen_at - interval '200 seconds' WHERE user_id = ${user.userId}`,
      )
    await older()
    expect(await ask(headers)).toMatchObject(user)
    await older()
    expect(await ask(headers)).toMatchObject(user)
    await older()
    await older()
    expect(await ask(headers)).toEqual({ refused: 'invalid' })
    // Not even a touch brings it back.
    expect(strategy.counters?.()).toEqual({ touches: 2 })
  })

  it.each(['always', 'throttled'] as const)('does not move the absolute end (%s)', async (name) => {
    const { ask, logIn } = await start(name)
    const headers = await logIn({ nowMs: Date.now() - 100_000, lifetimeS: 100.5 })
    expect(await ask(headers)).toMatchObject(user)
    await new Promise((resolve) => setTimeout(resolve, 600))
    expect(await ask(headers)).toEqual({ refused: 'invalid' })
  })
})

it('accepts seeded sessions and refuses ids of another length, in every layout', async () => {
  for (const name of ['plain', 'cached', 'always', 'throttled', 'unprepared'] as const) {
    const { strategy, ask } = await start(name)
    const users: Identity[] = [seededIdentity(1), seededIdentity(10)]
    const headers = (await strategy.seededCredentials?.(users, { nowMs, lifetimeS: 60 })) ?? []
    for (const [index, identity] of users.entries()) {
      expect(await ask(headers[index] ?? {})).toMatchObject(identity)
    }
    const shorter = { cookie: (headers[0]?.cookie ?? '').slice(0, -1) }
    expect(await queriesFor(async () => expect(await ask(shorter)).toEqual({ refused: 'malformed' }))).toBe(0)
  }
})

it('prepares its statement where it is asked to, and only there', async () => {
  const statements = async (name: keyof typeof variants): Promise<number> => {
    const one = poolOf(`one of ${name}`, 1)
    const strategy = await session.create(variants[name], { database: one, secrets: {}, now: Date.now })
    await one.warm(strategy)
    const { rows } = await one.query<{ n: number }>({
      text: "SELECT count(*)::int AS n FROM pg_prepared_statements WHERE statement LIKE '%session%'",
      values: [],
    })
    return rows[0]?.n ?? -1
  }
  expect([await statements('plain'), await statements('throttled'), await statements('unprepared')]).toEqual([1, 2, 0])
})
