import { createServer, type Server } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { seededIdentity } from '../../contract/identity.ts'
import { introspectionClientSecret, introspectionUrlSecret } from '../../contract/introspector-protocol.ts'
import type { Strategy } from '../../contract/strategy.ts'
import { tokenIssuer } from '../../contract/token-claims.ts'
import { CountedPool } from '../../database/pool.ts'
import { startTestPostgres, type TestPostgres } from '../../database/postgres.fixture.ts'
import { smallPreparation } from '../../database/prepare.fixture.ts'
import { prepareDatabase } from '../../database/prepare.ts'
import { introspection, tokenLayout } from '../introspection.ts'
import { requestWith } from '../request.fixture.ts'
import { clientAuthorization } from './client-authentication.ts'
import { type RunningIntrospector, startIntrospector } from './running-introspector.ts'

const databaseSchema = 'authcost_introspection'
const clientSecret = '5e'.repeat(32)
const user = seededIdentity(4)
let postgres: TestPostgres
let pool: CountedPool
let service: RunningIntrospector
let url: string
let nowMs = Date.now()

const newPool = (): CountedPool =>
  new CountedPool({ databaseUrl: postgres.url, databaseSchema, applicationName: 'test', poolSize: 2 })

beforeAll(async () => {
  postgres = await startTestPostgres()
  await prepareDatabase({ ...smallPreparation(postgres.url, databaseSchema), sessionLayouts: [tokenLayout] }, () => {})
  pool = newPool()
  service = await startIntrospector({ host: '127.0.0.1', port: 0, clientSecret }, newPool())
  url = `http://127.0.0.1:${service.port}`
})
afterAll(async () => {
  await service?.stop()
  await pool?.close()
  await postgres?.[Symbol.asyncDispose]()
})

const strategyOf = (raw: Record<string, unknown> = {}, at = url): Promise<Strategy> =>
  introspection.create(introspection.parse(raw), {
    database: pool,
    secrets: {
      [introspectionUrlSecret]: at,
      [introspectionClientSecret]: clientSecret,
      sessionSecret: '0f'.repeat(32),
    },
    now: () => nowMs,
  })

const logIn = async (strategy: Strategy, lifetimeS = 60): Promise<Readonly<Record<string, string>>> =>
  (await strategy.issue(user, { nowMs: Date.now(), lifetimeS })).requestHeaders

const ask = async (strategy: Strategy, headers: Readonly<Record<string, string>>) =>
  strategy.authenticate(requestWith(headers))

describe('the auth service', () => {
  const post = async (body: string, headers: Readonly<Record<string, string>>) => {
    const answer = await fetch(`${url}/introspect`, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    })
    return { status: answer.status, headers: answer.headers, body: await answer.json() }
  }
  const client = { authorization: clientAuthorization(clientSecret) }

  it('answers for a good token as RFC 7662 section 2.2 says', async () => {
    const strategy = await strategyOf()
    const token = (await logIn(strategy)).authorization?.slice('Bearer '.length) ?? ''
    const answer = await post(`token=${token}&token_type_hint=access_token`, client)
    expect(answer.status).toBe(200)
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(answer.body).toEqual({
      active: true,
      sub: '4',
      username: user.username,
      role: user.role,
      iss: tokenIssuer,
      token_type: 'Bearer',
      iat: expect.any(Number),
      exp: expect.any(Number),
    })
    await strategy.close()
  })

  it('says nothing of a token that is not good but that it is not', async () => {
    expect(await post(`token=${'A'.repeat(43)}`, client)).toMatchObject({ status: 200, body: { active: false } })
    expect((await post(`token=${'A'.repeat(2000)}`, client)).body).toEqual({ active: false })
  })

  it.each([
    ['nobody', {}],
    ['a client with a wrong secret', { authorization: clientAuthorization('00'.repeat(32)) }],
    ['a bearer of the secret', { authorization: `Bearer ${clientSecret}` }],
  ])('tells %s nothing, and asks no database for them', async (_, headers) => {
    const { queries } = service.counters()
    const answer = await post(`token=${'A'.repeat(43)}`, { ...headers })
    expect(answer.status).toBe(401)
    expect(answer.headers.get('www-authenticate')).toContain('Basic')
    expect(service.counters().queries).toBe(queries)
  })

  it('refuses a request without a token', async () => {
    expect((await post('', client)).status).toBe(400)
  })
})

describe('the server', () => {
  it('asks once a request, by one query of the service and none of its own', async () => {
    const strategy = await strategyOf()
    const headers = await logIn(strategy)
    const own = pool.queries
    const before = service.counters()
    for (let i = 0; i < 3; i++) expect(await ask(strategy, headers)).toEqual(user)
    expect(pool.queries).toBe(own)
    expect(service.counters()).toEqual({ queries: before.queries + 3, introspections: before.introspections + 3 })
    await strategy.close()
  })

  it('accepts seeded tokens, and no session id in their place', async () => {
    const strategy = await strategyOf()
    const [headers] = (await strategy.seededCredentials?.([seededIdentity(9)], { nowMs, lifetimeS: 60 })) ?? []
    expect(await ask(strategy, headers ?? {})).toEqual(seededIdentity(9))
    expect(await ask(strategy, { cookie: `__Host-authcost-session=${headers?.authorization?.slice(7)}` })).toEqual({
      refused: 'missing',
    })
    await strategy.close()
  })

  it('accepts a token another server has ended until the TTL, and never after', async () => {
    const cached = await strategyOf({ cacheTtl: '1s' })
    const other = await strategyOf()
    const headers = await logIn(cached)
    expect(await ask(cached, headers)).toEqual(user)
    await other.revoke(requestWith(headers))
    expect(await ask(other, headers)).toEqual({ refused: 'invalid' })
    expect(await ask(cached, headers)).toEqual(user)
    nowMs += 1000
    expect(await ask(cached, headers)).toEqual({ refused: 'invalid' })
    expect(cached.counters?.()).toEqual({ cacheHits: 1, cacheMisses: 2 })
    await Promise.all([cached.close(), other.close()])
  })

  it('does not keep an answer for longer than its token lives', async () => {
    const cached = await strategyOf({ cacheTtl: '1h' })
    const headers = await logIn(cached, 60)
    expect(await ask(cached, headers)).toEqual(user)
    // From now, not from when this file was loaded: starting Postgres may have taken seconds.
    nowMs = Date.now() + 61_000
    // The service's own clock still says that it is good; the claim is checked here as well.
    expect(await ask(cached, headers)).toEqual({ refused: 'invalid' })
    nowMs = Date.now()
    await cached.close()
  })
})

describe('without a service that answers well', () => {
  const answering = (status: number, body: string): Promise<Server> =>
    new Promise((resolve) => {
      const server = createServer((_request, response) => response.writeHead(status).end(body))
      server.listen(0, '127.0.0.1', () => resolve(server))
    })
  const good = { active: true, sub: '4', username: 'user-4', role: 'member', iss: tokenIssuer, exp: 4e9 }

  it.each([
    [500, '{}'],
    [401, '{"error":"invalid_client"}'],
    [200, 'not json'],
    [200, '{}'],
    [200, '{"active":"yes"}'],
    [200, JSON.stringify({ ...good, sub: 4 })],
    [200, JSON.stringify({ ...good, exp: undefined })],
    [200, JSON.stringify({ ...good, role: null })],
  ])('nobody is accepted: %i %s', async (status, body) => {
    const server = await answering(status, body)
    const address = server.address()
    const strategy = await strategyOf({}, `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`)
    await expect(ask(strategy, { authorization: `Bearer ${'A'.repeat(43)}` })).rejects.toMatchObject({
      code: 'introspection.unavailable',
    })
    await strategy.close()
    server.closeAllConnections()
    server.close()
  })

  it.each([
    ['another issuer', { iss: 'https://elsewhere.invalid' }],
    ['no issuer', { iss: undefined }],
    ['an end that has passed', { exp: 1 }],
  ])('a token of %s is refused', async (_, change) => {
    const server = await answering(200, JSON.stringify({ ...good, ...change }))
    const address = server.address()
    const strategy = await strategyOf({}, `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`)
    expect(await ask(strategy, { authorization: `Bearer ${'A'.repeat(43)}` })).toEqual({ refused: 'invalid' })
    await strategy.close()
    server.closeAllConnections()
    server.close()
  })

  it('nobody is accepted when it is down', async () => {
    const strategy = await strategyOf({}, 'http://127.0.0.1:1')
    await expect(ask(strategy, { authorization: `Bearer ${'A'.repeat(43)}` })).rejects.toMatchObject({
      code: 'introspection.unavailable',
    })
    await strategy.close()
  })
})
