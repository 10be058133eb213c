import { afterAll, describe, expect, it } from 'vitest'
import { serverWith } from './app/strategy-under-test.fixture.ts'
import { buildApp } from './app.ts'
import { identityBody, seededIdentity } from './contract/identity.ts'
import { absentDatabase } from './database/pool.ts'
import { parseVariant } from './strategies/table.ts'

const control = await serverWith('none')
const jwt = await serverWith('jwt:alg=ES256')
const hmac = await serverWith('jwt')
const bearer = await serverWith('jwt:transport=bearer')
const session = await serverWith('session')
const slow = await serverWith('synthetic:cpu=50us,wait=1ms')
const all = [control, jwt, hmac, bearer, session, slow]
afterAll(async () => {
  for (const { app } of all) await app.close()
})

describe('GET /me', () => {
  it.each([
    ['none', control],
    ['jwt', jwt],
    ['bearer', bearer],
    ['synthetic', slow],
  ])('answers exactly the expected bytes (%s)', async (_name, { app, strategy }) => {
    const user = seededIdentity(20)
    const issue = { nowMs: Date.now(), lifetimeS: 60 }
    const [headers] = (await strategy.seededCredentials?.([user], issue)) ?? [
      (await strategy.issue(user, issue)).requestHeaders,
    ]
    const response = await app.inject({ url: '/me', headers: { ...headers } })
    expect(response.statusCode).toBe(200)
    expect(response.body).toBe(identityBody(user))
    expect(response.headers['cache-control']).toBe('no-store')
  })

  it.each(all.map((server, i) => [i, server] as const))(
    'answers 401 with a problem and a challenge (%i)',
    async (_i, { app }) => {
      const response = await app.inject('/me')
      expect(response.statusCode).toBe(401)
      expect(response.headers['content-type']).toMatch(/^application\/problem\+json/)
      expect(response.headers['www-authenticate']).toMatch(/ realm="authcost"/)
      expect(response.json()).toMatchObject({ status: 401, code: 'missing-credential' })
    },
  )

  it('answers 503, not 401 and never 200, when the database does not answer', async () => {
    const headers = { cookie: `__Host-authcost-session=${'A'.repeat(43)}` }
    const response = await session.app.inject({ url: '/me', headers })
    expect(response.statusCode).toBe(503)
    expect(response.body).not.toMatch(/ at |stack|Error:/)
  })

  it('counts requests, refusals and the auth step, and has nothing in flight afterwards', async () => {
    const { app, counters } = await serverWith('none')
    await app.inject({ url: '/me', headers: { 'x-authcost-user': '1.a.member' } })
    await app.inject('/me')
    expect(counters).toMatchObject({ begun: 2, answered: 2, refused: 1, inFlight: 0 })
    expect(counters.authStep.counts().counts).toEqual([1])
    await app.close()
  })
})

describe('what the synthetic strategy injects', () => {
  it('is measured around the loop and the wait', async () => {
    const before = slow.strategy.counters?.() ?? {}
    await slow.app.inject({ url: '/me', headers: { 'x-authcost-user': '1.a.member' } })
    const after = slow.strategy.counters?.() ?? {}
    const grown = (name: string): number => (after[name] ?? 0) - (before[name] ?? 0)
    expect(grown('syntheticCount')).toBe(1)
    expect(grown('syntheticCpuNs')).toBeGreaterThanOrEqual(50_000)
    // A timer may fire up to a millisecond's rounding early, never at once.
    expect(grown('syntheticWaitNs')).toBeGreaterThan(0)
  })
})

describe('public keys', () => {
  it('are served for asymmetric algorithms, with kid and without private parts', async () => {
    const { keys } = (await jwt.app.inject('/.well-known/jwks.json')).json()
    expect(keys).toHaveLength(1)
    expect(keys[0]).toMatchObject({ kty: 'EC', crv: 'P-256', alg: 'ES256', use: 'sig', kid: jwt.secrets.kid })
    expect(keys[0]).not.toHaveProperty('d')
  })

  it('that have retired are served until the last token signed with them has expired', async () => {
    const served = async (retiredAtMs: number): Promise<number> => {
      const secrets = { 'retiredAtMs.1': String(retiredAtMs) }
      const { app } = await serverWith('jwt:alg=ES256,previousKeys=1', { secrets })
      const { keys } = (await app.inject('/.well-known/jwks.json')).json()
      await app.close()
      return keys.length
    }
    expect([await served(Date.now() - 60_000), await served(Date.now() - 3_600_000)]).toEqual([2, 1])
  })

  it.each([hmac, session, control])('are absent where there are none', async ({ app }) => {
    expect((await app.inject('/.well-known/jwks.json')).statusCode).toBe(404)
  })
})

describe('the page', () => {
  it('forbids scripts, frames and foreign forms, and is not cached', async () => {
    const response = await jwt.app.inject('/')
    expect(response.statusCode).toBe(200)
    const policy = String(response.headers['content-security-policy'])
    for (const rule of ["default-src 'none'", "form-action 'self'", "frame-ancestors 'none'"])
      expect(policy).toContain(rule)
    expect(policy).not.toContain('unsafe')
    expect(response.headers['cache-control']).toBe('no-store')
    expect(response.headers['x-content-type-options']).toBe('nosniff')
    expect(response.body).not.toMatch(/<script|onclick|javascript:/)
    expect(response.body).toContain('action="/login"')
  })

  it('shows whom the token names and what it says, not the token', async () => {
    const user = seededIdentity(3)
    const [headers] = (await jwt.strategy.seededCredentials?.([user], { nowMs: Date.now(), lifetimeS: 60 })) ?? []
    const { body } = await jwt.app.inject({ url: '/', headers: { ...headers } })
    expect(body).toContain('user-3')
    expect(body).toContain('&quot;fid&quot;')
    expect(body).toContain('action="/token"')
    expect(body).not.toContain(headers?.cookie?.split('=')[1] ?? 'no cookie')
  })

  it('offers a refresh for an expired token', async () => {
    const [headers] =
      (await jwt.strategy.seededCredentials?.([seededIdentity(3)], { nowMs: Date.now() - 60_000, lifetimeS: 1 })) ?? []
    const { body } = await jwt.app.inject({ url: '/', headers: { ...headers } })
    expect(body).toContain('action="/token"')
    expect(body).toContain('action="/login"')
  })
})

it('keeps an idle connection for as long as it is told, and for a minute or so where nobody says', async () => {
  const { app, strategy, counters } = await serverWith('none')
  const options = { variant: parseVariant('none'), strategy, database: absentDatabase(), counters }
  const told = { insecureCookies: false, logRequests: false, lifetimeS: 900, keepAliveTimeoutMs: 5_000_000 }
  const patient = await buildApp({ ...options, ...told })
  expect(patient.server.keepAliveTimeout).toBe(5_000_000)
  expect(app.server.keepAliveTimeout).toBeLessThan(120_000)
  await Promise.all([app.close(), patient.close()])
})

it.each([
  [true, 'lib.data=1; Path=/; HttpOnly; SameSite=Lax'],
  [false, '__Secure-lib.data=1; Path=/; HttpOnly; Secure; SameSite=Lax'],
])('with insecure cookies (%s) a cookie that a library sets by itself is %s', async (insecureCookies, line) => {
  const { strategy, counters } = await serverWith('none')
  const library: typeof strategy = {
    ...strategy,
    async plugin(app) {
      app.addHook('onSend', (_request, reply, _payload, done) => {
        reply.header('set-cookie', ['__Secure-lib.data=1; Path=/; HttpOnly; Secure; SameSite=Lax'])
        done()
      })
    },
  }
  const options = { variant: parseVariant('none'), strategy: library, database: absentDatabase(), counters }
  const app = await buildApp({ ...options, insecureCookies, logRequests: false, lifetimeS: 900 })
  const answer = await app.inject('/me')
  await app.close()
  expect([answer.headers['set-cookie']].flat()).toEqual([line])
})

describe('malformed requests', () => {
  it.each([
    ['application/json', 400, '{'],
    ['application/json', 400, '{}'],
    ['application/json', 400, '"x"'],
    ['application/json', 400, '{"__proto__":{"username":"a"},"password":"12345678"}'],
    ['application/json', 400, '{"constructor":{"prototype":{"username":"a"}},"password":"12345678"}'],
    ['application/x-www-form-urlencoded', 400, '__proto__=a&username=a&username=b&password=12345678'],
    ['application/json', 400, '{"username":"a b","password":"12345678"}'],
    ['application/json', 400, '{"username":{"a":1},"password":"12345678"}'],
    ['application/json', 400, JSON.stringify({ username: 'a', password: 'x'.repeat(1025) })],
    ['application/x-www-form-urlencoded', 400, 'username=a'],
    ['text/plain', 415, 'x'],
    ['application/json', 413, `"${'x'.repeat(20_000)}"`],
  ])('body %# as %s is answered %i without a stack', async (type, status, payload) => {
    for (const url of ['/login', '/register']) {
      const response = await jwt.app.inject({ method: 'POST', url, payload, headers: { 'content-type': type } })
      expect(response.statusCode).toBe(status)
      expect(response.body).not.toMatch(/\.ts:|node_modules|\n\s+at /)
    }
  })

  it.each(['/nothing', '/me/x'])('%s is not found', async (url) => {
    expect((await jwt.app.inject(url)).statusCode).toBe(404)
  })
})

describe('requests from other sites', () => {
  it.each(['/login', '/register', '/logout', '/token'])('are refused at %s before the body is read', async (url) => {
    const headers = { 'sec-fetch-site': 'cross-site', 'content-type': 'application/json' }
    const response = await jwt.app.inject({ method: 'POST', url, payload: '{ not json', headers })
    expect(response.statusCode).toBe(403)
  })

  it('may read /me: it changes nothing', async () => {
    const headers = { 'sec-fetch-site': 'cross-site', 'x-authcost-user': '1.a.member' }
    expect((await control.app.inject({ url: '/me', headers })).statusCode).toBe(200)
  })
})

it('does not wait for ever for a request that comes byte by byte', () => {
  expect(session.app.server.requestTimeout).toBeGreaterThan(0)
  expect(session.app.server.headersTimeout).toBeGreaterThan(0)
})

it('answers 404 at /token where the strategy has no refresh tokens', async () => {
  expect((await session.app.inject({ method: 'POST', url: '/token' })).statusCode).toBe(404)
})

it('answers 503 at /login without a database', async () => {
  const payload = { username: 'someone', password: 'correct horse' }
  expect((await session.app.inject({ method: 'POST', url: '/login', payload })).statusCode).toBe(503)
})
