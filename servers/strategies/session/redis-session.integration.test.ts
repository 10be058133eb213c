import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { createServer } from 'node:net'
import { inspect } from 'node:util'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { requirement } from '../../../bench/environment/requirement.fixture.ts'
import { seededIdentity } from '../../contract/identity.ts'
import type { CountedDatabase, Strategy } from '../../contract/strategy.ts'
import { smallPreparation } from '../../database/prepare.fixture.ts'
import { connectRedis, endWhenSilent } from '../../database/redis-connection.ts'
import { clearRedis, fillRedis, redisSeeding } from '../../database/seed-redis.ts'
import { requestWith } from '../request.fixture.ts'
import { session } from '../session.ts'

const needed = requirement('redis')
const program = ['redis-server', 'valkey-server'].find((name) => spawnSync(name, ['--version']).status === 0)

const keyPrefix = 'authcost:test*:'
const user = seededIdentity(3)
let port = 0
let server: ChildProcess | undefined
/** How far the servers' clock is ahead. */
let aheadMs = 0
const url = (): string => `redis://127.0.0.1:${port}`

function startServer(): void {
  server = spawn(program ?? '', ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'], {
    stdio: 'ignore',
    cwd: '/',
  })
}

async function stopServer(): Promise<void> {
  const ended = new Promise((resolve) => server?.once('exit', resolve))
  server?.kill('SIGKILL')
  await ended
}

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

async function untilItAnswers(): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      const redis = await connectRedis(url())
      redis.disconnect()
      return
    } catch (error) {
      if (attempt === 200) throw error
      await wait(50)
    }
  }
}

/** Postgres answers for what was seeded, and for nothing else. */
const database: CountedDatabase = {
  query: async () => ({ rows: JSON.parse('[{"users":10,"sessions":45}]'), rowCount: 1 }),
  transaction: () => Promise.reject(new Error('not needed')),
}

const strategyOf = (raw: Record<string, unknown>): Promise<Strategy> =>
  session.create(session.parse({ store: 'redis', ...raw }), {
    database,
    secrets: { sessionSecret: '0f'.repeat(32), redisUrl: url(), redisKeyPrefix: keyPrefix },
    now: () => Date.now() + aheadMs,
  })

const logIn = async (strategy: Strategy, startedMs = Date.now(), lifetimeS = 3600) =>
  (await strategy.issue(user, { nowMs: startedMs, lifetimeS })).requestHeaders

const ask = async (strategy: Strategy, headers: Readonly<Record<string, string>>) =>
  strategy.authenticate(requestWith(headers))

describe.skipIf(!needed.available)('sessions in Redis', () => {
  beforeAll(async () => {
    port = await new Promise((resolve) => {
      const probe = createServer()
      probe.listen(0, '127.0.0.1', () => {
        const address = probe.address()
        probe.close(() => resolve(typeof address === 'object' ? (address?.port ?? 0) : 0))
      })
    })
    startServer()
    await untilItAnswers()
  })
  afterAll(stopServer)

  it('end with logout, for every server', async () => {
    const [one, other] = await Promise.all([strategyOf({}), strategyOf({})])
    const headers = await logIn(one)
    expect(await ask(other, headers)).toMatchObject(user)
    await other.revoke(requestWith(headers))
    expect(await ask(one, headers)).toEqual({ refused: 'invalid' })
    await Promise.all([one.close(), other.close()])
  })

  it('end when their time is over, by the clock of Redis itself', async () => {
    const strategy = await strategyOf({})
    const headers = await logIn(strategy, Date.now(), 0.3)
    expect(await ask(strategy, headers)).toMatchObject(user)
    await wait(350)
    expect(await ask(strategy, headers)).toEqual({ refused: 'invalid' })
    await strategy.close()
  })

  it('live on while they are used, and end when they are not', async () => {
    const strategy = await strategyOf({ touch: 'always', idleTimeoutS: 1 })
    const [used, unused] = [await logIn(strategy), await logIn(strategy)]
    for (let i = 0; i < 3; i++) {
      await wait(500)
      expect(await ask(strategy, used)).toMatchObject(user)
    }
    expect(await ask(strategy, unused)).toEqual({ refused: 'invalid' })
    expect(strategy.counters?.()).toEqual({ touches: 3 })
    await strategy.close()
  })

  it('are touched when it is due, and not before', async () => {
    const strategy = await strategyOf({ touch: '1s', idleTimeoutS: 100 })
    const headers = await logIn(strategy)
    await ask(strategy, headers)
    expect(strategy.counters?.()).toEqual({ touches: 0 })
    await wait(1050)
    await ask(strategy, headers)
    await ask(strategy, headers)
    expect(strategy.counters?.()).toEqual({ touches: 1 })
    await strategy.close()
  })

  it('do not outlive their absolute end, however often they are used', async () => {
    const strategy = await strategyOf({ touch: 'always', idleTimeoutS: 100 })
    const headers = await logIn(strategy, Date.now(), 50)
    expect(await ask(strategy, headers)).toMatchObject(user)
    aheadMs = 50_000
    expect(await ask(strategy, headers)).toEqual({ refused: 'invalid' })
    aheadMs = 0
    await strategy.close()
  })

  it.each([{}, { touch: '60s' }, { hash: 'plain', idBytes: 64 }])(
    'are found where they were seeded: %j',
    async (raw) => {
      const variant = session.parse({ store: 'redis', ...raw })
      const layout = variant.sessionLayout
      await fillRedis(
        {
          ...smallPreparation('postgres://unused', 'unused'),
          sessionLayouts: layout === undefined ? [] : [layout],
          redis: { url: url(), keyPrefix },
        },
        () => {},
      )
      const strategy = await strategyOf(raw)
      const users = [seededIdentity(1), seededIdentity(10)]
      const headers = (await strategy.seededCredentials?.(users, { nowMs: 0, lifetimeS: 60 })) ?? []
      for (const [index, identity] of users.entries()) {
        expect(await ask(strategy, headers[index] ?? {})).toMatchObject(identity)
      }
      await strategy.close()
    },
  )

  it('are removed by their prefix, which is no pattern, and nothing else is', async () => {
    const redis = await connectRedis(url())
    await redis.set('authcost:testing:somebody-elses', '1')
    expect(await clearRedis(redis, keyPrefix)).toBeGreaterThan(100)
    expect(await redis.keys('*')).toEqual(['authcost:testing:somebody-elses'])
    redis.disconnect()
  })

  it('tell a log of a failed command neither its key nor its value', async () => {
    const redis = await connectRedis(url())
    const strategy = await strategyOf({ hash: 'plain' })
    const headers = await logIn(strategy)
    const id = headers.cookie?.split('=')[1] ?? ''
    const [key = ''] = (await redis.keys('*')).filter((name) => name.endsWith(id))
    await redis.del(key)
    await redis.rpush(key, 'of another type')
    const error = await ask(strategy, headers).then(
      () => undefined,
      (thrown: unknown) => thrown,
    )
    await redis.del(key)
    redis.disconnect()
    await strategy.close()
    expect(error).toMatchObject({ code: 'redis.unavailable', message: expect.stringContaining('WRONGTYPE') })
    expect(id).toHaveLength(43)
    // As loggers print errors: everything they carry, causes included.
    expect(inspect(error, { depth: 10 })).not.toContain(id)
  })

  it('are not waited for where Redis is silent, and are found again when it answers', async () => {
    const redis = await connectRedis(url())
    const stop = endWhenSilent(redis, { everyMs: 20, silenceMs: 100 })
    server?.kill('SIGSTOP')
    await expect(redis.get('any')).rejects.toThrow()
    server?.kill('SIGCONT')
    await vi.waitFor(async () => expect(await redis.get('any')).toBeNull(), { timeout: 10_000 })
    stop()
    redis.disconnect()
  })

  it('cannot be decided about while Redis is gone, and can when it is back', async () => {
    const strategy = await strategyOf({})
    const headers = await logIn(strategy)
    await stopServer()
    await expect(ask(strategy, headers)).rejects.toMatchObject({ code: 'redis.unavailable' })
    await expect(logIn(strategy)).rejects.toMatchObject({ code: 'redis.unavailable' })
    await expect(strategy.revoke(requestWith(headers))).rejects.toMatchObject({ code: 'redis.unavailable' })
    startServer()
    await untilItAnswers()
    // Nothing was kept: the session is gone, and the store answers so again.
    await expect
      .poll(() => ask(strategy, headers).catch(() => 'no answer'), { timeout: 10_000 })
      .toEqual({
        refused: 'invalid',
      })
    await strategy.close()
  })
})

it('says what to do where there is no Redis', async () => {
  const variant = session.parse({ store: 'redis' })
  const context = { database, now: Date.now }
  await expect(session.create(variant, { ...context, secrets: {} })).rejects.toMatchObject({ code: 'redis.absent' })
  await expect(
    session.create(variant, { ...context, secrets: { redisUrl: 'redis://127.0.0.1:1' } }),
  ).rejects.toMatchObject({ code: 'redis.unreachable' })
})

it('seeds a session for every user, and no more than a table of keys needs', () => {
  expect(redisSeeding({ users: 10, sessions: 45 })).toEqual({ users: 10, sessions: 45 })
  expect(redisSeeding({ users: 10, sessions: 10_000_000 }).sessions).toBe(200_000)
  expect(redisSeeding({ users: 500_000, sessions: 10_000_000 }).sessions).toBe(500_000)
})
