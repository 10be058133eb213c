import type { LightMyRequestResponse } from 'fastify'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CountedPool } from '../database/pool.ts'
import { startTestPostgres, type TestPostgres } from '../database/postgres.fixture.ts'
import { smallPreparation } from '../database/prepare.fixture.ts'
import { prepareDatabase } from '../database/prepare.ts'
import { serverWith, type UnderTest } from './strategy-under-test.fixture.ts'

let postgres: TestPostgres
let pool: CountedPool
const open: UnderTest[] = []

beforeAll(async () => {
  postgres = await startTestPostgres()
  await prepareDatabase(smallPreparation(postgres.url, 'authcost_accounts'), () => {})
  pool = new CountedPool({
    databaseUrl: postgres.url,
    databaseSchema: 'authcost_accounts',
    applicationName: 'accounts',
    poolSize: 4,
  })
})
afterAll(async () => {
  for (const { app } of open) await app.close()
  await pool?.close()
  await postgres?.[Symbol.asyncDispose]()
})

async function server(text: string, options: { insecureCookies?: boolean } = {}): Promise<UnderTest> {
  const secrets = { sessionSecret: smallPreparation('', '').sessionSecret }
  const made = await serverWith(text, { database: pool, secrets, ...options })
  open.push(made)
  return made
}

const password = 'correct horse battery'
let users = 0
const newUser = (): { username: string; password: string } => ({ username: `someone-${++users}`, password })

const setCookies = (response: LightMyRequestResponse): string[] => [response.headers['set-cookie'] ?? []].flat()

/** What a browser would send back to `path`. */
function jar(response: LightMyRequestResponse, path: '/' | '/token'): string {
  return response.cookies
    .filter((cookie) => cookie.path === '/' || cookie.path === path)
    .map(({ name, value }) => `${name}=${value}`)
    .join('; ')
}

const post = (app: UnderTest['app'], url: string, payload?: object, cookie?: string): Promise<LightMyRequestResponse> =>
  app.inject({
    method: 'POST',
    url,
    ...(payload === undefined ? {} : { payload }),
    headers: cookie === undefined ? {} : { cookie },
  })

const form = (
  app: UnderTest['app'],
  url: string,
  fields: Record<string, string>,
  cookie?: string,
): Promise<LightMyRequestResponse> =>
  app.inject({
    method: 'POST',
    url,
    payload: new URLSearchParams(fields).toString(),
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'sec-fetch-site': 'same-origin',
      ...(cookie === undefined ? {} : { cookie }),
    },
  })

const me = async (app: UnderTest['app'], cookie: string): Promise<number> =>
  (await app.inject({ url: '/me', headers: { cookie } })).statusCode

describe.each(['session', 'jwt:alg=ES256'])('signing in with %s', (text) => {
  it('works with JSON: register, me, log out, log in', async () => {
    const { app } = await server(text)
    const user = newUser()
    const registered = await post(app, '/register', user)
    expect(registered.statusCode).toBe(201)
    expect(registered.json()).toEqual({ userId: expect.any(Number), username: user.username, role: 'member' })
    expect(registered.headers['cache-control']).toBe('no-store')
    expect(await me(app, jar(registered, '/'))).toBe(200)

    const out = await post(app, '/logout', undefined, jar(registered, '/'))
    expect(out.statusCode).toBe(204)
    for (const cookie of setCookies(out)) expect(cookie).toMatch(/=; Path=\/(token)?; Max-Age=0;/)

    const back = await post(app, '/login', user)
    expect(back.statusCode).toBe(200)
    expect(await me(app, jar(back, '/'))).toBe(200)
  })

  it('works with plain forms, which lead back to the page', async () => {
    const { app } = await server(text)
    const user = newUser()
    const registered = await form(app, '/register', user)
    expect([registered.statusCode, registered.headers.location]).toEqual([303, '/'])
    const page = await app.inject({ url: '/', headers: { cookie: jar(registered, '/') } })
    expect(page.body).toContain(user.username)
    expect(page.body).toContain('__Host-authcost-')
    const out = await form(app, '/logout', {}, jar(registered, '/'))
    expect([out.statusCode, out.headers.location]).toEqual([303, '/'])
    const wrong = await form(app, '/login', { ...user, password: 'not the password' })
    expect(wrong.statusCode).toBe(401)
    expect(wrong.body).toContain('Wrong username or password.')
  })

  it('answers an unknown user, a wrong password and a seeded user in the same words', async () => {
    const { app } = await server(text)
    const user = newUser()
    await post(app, '/register', user)
    const answers = [
      await post(app, '/login', { ...user, password: 'wrong password' }),
      await post(app, '/login', newUser()),
      await post(app, '/login', { username: 'user-1', password }),
    ]
    expect(new Set(answers.map(({ statusCode, body }) => `${statusCode} ${body}`)).size).toBe(1)
    expect(answers[0]?.statusCode).toBe(401)
  })

  it('knows a user by their name in capitals too, and lets nobody else have it', async () => {
    const { app } = await server(text)
    const user = newUser()
    const capitals = { ...user, username: user.username.toUpperCase() }
    expect((await post(app, '/register', capitals)).json()).toMatchObject({ username: user.username })
    expect((await post(app, '/register', user)).statusCode).toBe(409)
    expect((await post(app, '/login', capitals)).statusCode).toBe(200)
  })

  it('says that a name is taken', async () => {
    const { app } = await server(text)
    const user = newUser()
    await post(app, '/register', user)
    expect((await post(app, '/register', user)).statusCode).toBe(409)
    expect((await post(app, '/register', { ...user, username: 'user-1' })).statusCode).toBe(409)
  })

  it('asks the database once for a session and never for a JWT', async () => {
    const { app } = await server(text)
    const cookie = jar(await post(app, '/register', newUser()), '/')
    const before = pool.queries
    expect(await me(app, cookie)).toBe(200)
    expect(pool.queries - before).toBe(text === 'session' ? 1 : 0)
  })

  it('marks every cookie HttpOnly, Secure and SameSite, for its own path', async () => {
    const { app } = await server(text)
    const cookies = setCookies(await post(app, '/register', newUser()))
    expect(cookies.map((cookie) => cookie.replace(/=[^;]+; (Path=[^;]+); Max-Age=\d+/, ' $1'))).toEqual(
      text === 'session'
        ? ['__Host-authcost-session Path=/; HttpOnly; SameSite=Lax; Secure']
        : [
            '__Host-authcost-access Path=/; HttpOnly; SameSite=Lax; Secure',
            '__Secure-authcost-refresh Path=/token; HttpOnly; SameSite=Strict; Secure',
          ],
    )
  })

  it('drops prefix and Secure, and works, with insecure cookies', async () => {
    const { app } = await server(text, { insecureCookies: true })
    const registered = await post(app, '/register', newUser())
    for (const cookie of setCookies(registered)) {
      expect(cookie).toMatch(/^authcost-/)
      expect(cookie).not.toMatch(/Secure/)
    }
    expect(await me(app, `theme=dark; ${jar(registered, '/')}`)).toBe(200)
    expect(await me(app, `${jar(registered, '/')}; ${jar(registered, '/')}`)).toBe(401)
  })
})

describe('sessions', () => {
  it('are refused by the next request after logout, and after a new login over them', async () => {
    const { app } = await server('session')
    const user = newUser()
    const first = jar(await post(app, '/register', user), '/')
    const second = jar(await post(app, '/login', user, first), '/')
    expect(await me(app, first)).toBe(401)
    expect(await me(app, second)).toBe(200)
    await post(app, '/logout', undefined, second)
    expect(await me(app, second)).toBe(401)
  })

  it('cannot be fixed before the login', async () => {
    const { app } = await server('session')
    const planted = `__Host-authcost-session=${'A'.repeat(43)}`
    const signedIn = await post(app, '/register', newUser(), planted)
    expect(jar(signedIn, '/')).not.toBe(planted)
    expect(await me(app, planted)).toBe(401)
  })

  it.each(["' OR 1=1 --", 'A'.repeat(42), 'A'.repeat(44), `${'A'.repeat(42)}%`, '', 'A'.repeat(9000)])(
    'refuse what cannot be an id without asking the database (%#)',
    async (id) => {
      const { app } = await server('session')
      const before = pool.queries
      expect(await me(app, `__Host-authcost-session=${id}`)).toBe(401)
      expect(pool.queries).toBe(before)
    },
  )

  it('of the seed are accepted, each for its user', async () => {
    const { app, strategy } = await server('session')
    const identities = [1, 5, 10].map((userId) => ({ userId, username: '', role: '' }))
    const headers = (await strategy.seededCredentials?.(identities, { nowMs: 0, lifetimeS: 0 })) ?? []
    expect(headers).toHaveLength(3)
    for (const [i, sent] of headers.entries()) {
      expect((await app.inject({ url: '/me', headers: { ...sent } })).json().userId).toBe(identities[i]?.userId)
    }
  })
})

describe('refresh tokens', () => {
  const refresh = (app: UnderTest['app'], cookie: string): Promise<LightMyRequestResponse> =>
    post(app, '/token', undefined, cookie)

  it('rotate: the new one is good, and is another', async () => {
    const { app } = await server('jwt')
    const first = await post(app, '/register', newUser())
    const second = await refresh(app, jar(first, '/token'))
    expect(second.statusCode).toBe(204)
    expect(jar(second, '/token')).not.toBe(jar(first, '/token'))
    expect(await me(app, jar(second, '/'))).toBe(200)
    expect((await refresh(app, jar(second, '/token'))).statusCode).toBe(204)
  })

  it('end the family when one is used twice', async () => {
    const { app } = await server('jwt')
    const first = await post(app, '/register', newUser())
    const second = await refresh(app, jar(first, '/token'))
    const reused = await refresh(app, jar(first, '/token'))
    expect(reused.statusCode).toBe(401)
    for (const cookie of setCookies(reused)) expect(cookie).toContain('Max-Age=0')
    expect((await refresh(app, jar(second, '/token'))).statusCode).toBe(401)
  })

  it('of one login do not end another', async () => {
    const { app } = await server('jwt')
    const user = newUser()
    const phone = await post(app, '/register', user)
    const laptop = await post(app, '/login', user)
    await refresh(app, jar(phone, '/token'))
    await refresh(app, jar(phone, '/token'))
    expect((await refresh(app, jar(laptop, '/token'))).statusCode).toBe(204)
  })

  it('used by two tabs at once serve one of them and end the family', async () => {
    const { app } = await server('jwt')
    const first = await post(app, '/register', newUser())
    const answers = await Promise.all([1, 2, 3].map(() => refresh(app, jar(first, '/token'))))
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([204, 401, 401])
    const winner = answers.find(({ statusCode }) => statusCode === 204)
    expect(winner && (await refresh(app, jar(winner, '/token'))).statusCode).toBe(401)
  })

  it('end at logout, also with an expired access token', async () => {
    const { app } = await server('jwt:accessLifetimeS=1')
    const first = await post(app, '/register', newUser())
    await new Promise((resolve) => setTimeout(resolve, 2100))
    expect(await me(app, jar(first, '/'))).toBe(401)
    await post(app, '/logout', undefined, jar(first, '/'))
    expect((await refresh(app, jar(first, '/token'))).statusCode).toBe(401)
  })

  it('do not end at a logout with a forged access token', async () => {
    const { app } = await server('jwt')
    const first = await post(app, '/register', newUser())
    const [head, payload] = jar(first, '/').split('.')
    expect((await post(app, '/logout', undefined, `${head}.${payload}.${'A'.repeat(43)}`)).statusCode).toBe(204)
    expect((await refresh(app, jar(first, '/token'))).statusCode).toBe(204)
  })

  it('end with their family, however often they were rotated', async () => {
    const { app } = await server('jwt:refreshLifetimeS=1')
    const first = await post(app, '/register', newUser())
    const second = await refresh(app, jar(first, '/token'))
    await new Promise((resolve) => setTimeout(resolve, 1100))
    expect((await refresh(app, jar(second, '/token'))).statusCode).toBe(401)
  })

  it.each(['', '__Secure-authcost-refresh=x', `__Secure-authcost-refresh=${'A'.repeat(43)}`])(
    'are refused when unknown: %j',
    async (cookie) => {
      const { app } = await server('jwt')
      const response = await refresh(app, cookie)
      expect(response.statusCode).toBe(401)
      expect(response.headers['www-authenticate']).toContain('Cookie')
    },
  )

  it('travel in bodies where the access token is a bearer token, and set no cookie', async () => {
    const { app } = await server('jwt:transport=bearer')
    const registered = await post(app, '/register', newUser())
    expect(setCookies(registered)).toEqual([])
    const tokens = registered.json()
    expect(tokens).toMatchObject({ token_type: 'Bearer', expires_in: 900, refresh_token: expect.any(String) })
    const renewed = await post(app, '/token', { refresh_token: tokens.refresh_token })
    const authorization = `Bearer ${renewed.json().access_token}`
    expect((await app.inject({ url: '/me', headers: { authorization } })).statusCode).toBe(200)
    expect((await post(app, '/token', { refresh_token: tokens.refresh_token })).statusCode).toBe(401)
  })
})
