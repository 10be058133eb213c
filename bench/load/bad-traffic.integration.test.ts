import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { RequestCounters } from '../../servers/app/request-counters.ts'
import { buildApp } from '../../servers/app.ts'
import type { Identity } from '../../servers/contract/identity.ts'
import { identityBody, seededIdentity } from '../../servers/contract/identity.ts'
import type { Strategy } from '../../servers/contract/strategy.ts'
import { absentDatabase } from '../../servers/database/pool.ts'
import { startTestPostgres, type TestPostgres } from '../../servers/database/postgres.fixture.ts'
import { smallPreparation } from '../../servers/database/prepare.fixture.ts'
import { issueHeaders } from '../../servers/process/issue-headers.ts'
import { startRealServer } from '../../servers/process/real-server.fixture.ts'
import { parseVariant } from '../../servers/strategies/table.ts'
import { makeBadCredentials } from '../gate/bad-credentials.ts'
import { httpSender } from '../gate/http-sender.ts'
import { prepareDatabase } from '../launch/database-preparation.ts'
import { badKindsOf } from '../plan/bad-kinds.ts'
import { LoadDriver } from './load-driver.ts'
import type { LoadResult } from './protocol.ts'

const databaseSchema = 'authcost_bad_traffic'
const users = 100
const sessionSecret = randomBytes(32).toString('hex')
let postgres: TestPostgres
let driver: LoadDriver

beforeAll(async () => {
  postgres = await startTestPostgres()
  await prepareDatabase(
    { ...smallPreparation(postgres.url, databaseSchema), users, sessions: users, sessionSecret },
    () => {},
    AbortSignal.timeout(60_000),
  )
  driver = await LoadDriver.start()
  await driver.setPopulation({
    expectedBodies: Array.from({ length: users }, (_, index) => identityBody(seededIdentity(index + 1))),
    zipfExponent: 1,
    seed: 1,
  })
})
afterAll(async () => {
  await driver?.[Symbol.asyncDispose]()
  await postgres?.[Symbol.asyncDispose]()
})

interface Target {
  readonly url: string
  readonly variant: ReturnType<typeof parseVariant>
  readonly strategy: Strategy
}

/** Loads a server with every driver, half of the requests bad ones. */
async function load({ url, variant, strategy }: Target): Promise<Map<string, LoadResult>> {
  const issue = (request: Parameters<typeof issueHeaders>[1] & Parameters<typeof issueHeaders>[2]) =>
    issueHeaders(strategy, request, request)
  const good = await issue({ fromUserId: 1, toUserId: users, nowMs: Date.now(), lifetimeS: 3600, fresh: false })
  const { send, close } = httpSender(url)
  const credentials = await makeBadCredentials({ variant, issue }, send, 16).finally(close)
  await driver.setCredentials({ variant: variant.id, requestHeaders: good })
  await driver.setBadCredentials({ variant: variant.id, credentials })
  const results = new Map<string, LoadResult>()
  for (const kind of ['autocannon', 'raw', 'open-loop'] as const) {
    const target = `${variant.id} ${kind}`
    await driver.open({
      target,
      variant: variant.id,
      urls: [url],
      connections: 4,
      driver: kind,
      walk: '0',
      badShare: 0.5,
    })
    const result =
      kind === 'open-loop'
        ? await driver.openLoop({ target, requestsPerSecond: 400, durationMs: 500, arrivals: 'uniform', seed: 1 })
        : await driver.closedLoop({ target, durationMs: 50, minResponses: 400, maxDurationMs: 10_000 })
    results.set(kind, result)
    await driver.close(target)
  }
  return results
}

describe('bad credentials among good ones', () => {
  it.each(['none', 'session', 'jwt:alg=HS256', 'jwt:alg=ES256,denylist=postgres'])(
    'are all refused and the good ones all accepted: %s',
    async (text) => {
      await using real = await startRealServer(text, {
        databaseUrl: postgres.url,
        databaseSchema,
        secrets: { sessionSecret },
      })
      const before = real.server.snapshot(0).refusals
      const results = await load({ url: real.url, variant: real.variant, strategy: real.server.strategy })
      for (const { badTraffic, errors, non2xx, wrongBodies, requests } of results.values()) {
        expect({ errors, non2xx, wrongBodies }).toEqual({ errors: 0, non2xx: 0, wrongBodies: 0 })
        expect(badTraffic).toMatchObject({ falseAccepts: 0, acceptedKinds: [], wrongRefusals: 0, falseRefusals: 0 })
        expect(requests).toBeGreaterThanOrEqual(150)
        // Five standard deviations of so many draws.
        expect(Math.abs((badTraffic?.requests ?? 0) / requests - 0.5)).toBeLessThan(2.5 / Math.sqrt(requests))
      }
      // The server refused at least what was counted: the answers that opened the connections are not.
      const sent = [...results.values()].reduce((sum, { badTraffic }) => sum + (badTraffic?.requests ?? 0), 0)
      expect(real.server.snapshot(0).refusals - before).toBeGreaterThanOrEqual(sent)
    },
    60_000,
  )
})

/** A server of the session's form whose strategy is told by `accepts` whom to let in. */
async function startDouble(accepts: (entry: { readonly good: boolean; readonly endsMs: number }) => boolean) {
  const variant = { ...parseVariant('session'), id: `double ${randomBytes(4).toString('hex')}` }
  const { carrier } = variant.traits
  const sessions = new Map<string, { user: Identity; good: boolean; endsMs: number }>()
  const strategy: Strategy = {
    authenticate(request) {
      const entry = sessions.get(String(request.headers.cookie))
      return entry !== undefined && accepts(entry)
        ? entry.user
        : { refused: entry === undefined ? 'missing' : 'invalid' }
    },
    async issue(user, { nowMs, lifetimeS }) {
      const cookie = `${carrier.name}=${randomBytes(16).toString('base64url')}`
      sessions.set(cookie, { user, good: true, endsMs: nowMs + lifetimeS * 1000 })
      return { cookies: [], requestHeaders: { cookie } }
    },
    async revoke(request) {
      const entry = sessions.get(String(request.headers.cookie))
      if (entry !== undefined) entry.good = false
    },
    cookies: [],
    close: async () => {},
  }
  const app = await buildApp({
    variant,
    strategy,
    database: absentDatabase(),
    counters: new RequestCounters(),
    insecureCookies: false,
    logRequests: false,
    lifetimeS: 600,
  })
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  return { url, variant, strategy, [Symbol.asyncDispose]: () => app.close() }
}

describe('a strategy that is wrong under load', () => {
  it('is right when it looks at everything: the double itself is no reason to fail', async () => {
    await using double = await startDouble(({ good, endsMs }) => good && endsMs > Date.now())
    for (const { badTraffic } of (await load(double)).values()) {
      expect(badTraffic).toMatchObject({ falseAccepts: 0, falseRefusals: 0 })
    }
  })

  it.each([
    ['does not look at the end', 'expired', ({ good }: { good: boolean }) => good],
    ['forgets what was revoked', 'revoked', ({ endsMs }: { endsMs: number }) => endsMs > Date.now()],
  ] as const)('is caught by every driver when it %s', async (_, kind, accepts) => {
    await using double = await startDouble(accepts)
    expect(badKindsOf(double.variant.traits).sent).toContain(kind)
    for (const { badTraffic, non2xx } of (await load(double)).values()) {
      expect(badTraffic?.falseAccepts).toBeGreaterThan(0)
      expect(badTraffic?.acceptedKinds).toEqual([kind])
      // A false accept is no false refusal.
      expect({ non2xx, falseRefusals: badTraffic?.falseRefusals }).toEqual({ non2xx: 0, falseRefusals: 0 })
    }
  })

  it('is caught when it refuses good ones now and then', async () => {
    let asked = 0
    await using double = await startDouble(({ good, endsMs }) => good && endsMs > Date.now() && ++asked % 5 !== 0)
    for (const { badTraffic } of (await load(double)).values()) {
      expect(badTraffic?.falseAccepts).toBe(0)
      expect(badTraffic?.falseRefusals).toBeGreaterThan(0)
    }
  })
})
