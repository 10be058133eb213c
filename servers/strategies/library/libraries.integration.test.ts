import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ServerProcess } from '../../../bench/launch/server.ts'
import { identityBody, seededIdentity } from '../../contract/identity.ts'
import type { ServerConfiguration } from '../../contract/protocol.ts'
import { startTestPostgres, type TestPostgres } from '../../database/postgres.fixture.ts'
import { smallPreparation } from '../../database/prepare.fixture.ts'
import { prepareDatabase } from '../../database/prepare.ts'
import { issueHeaders } from '../../process/issue-headers.ts'
import { type RunningServer, startServer } from '../../process/running-server.ts'
import { testConfiguration } from '../../process/server-configuration.fixture.ts'
import { libraryStrategies } from '../table.ts'

const databaseSchema = 'authcost_libraries'
let postgres: TestPostgres

beforeAll(async () => {
  postgres = await startTestPostgres()
  await prepareDatabase(smallPreparation(postgres.url, databaseSchema), () => {})
})
afterAll(() => postgres?.[Symbol.asyncDispose]())

/** What a server of the variant is told, in this process or in one of its own. */
async function configurationOf(text: string): Promise<ServerConfiguration> {
  const { secrets, ...configuration } = await testConfiguration(text, {
    databaseUrl: postgres.url,
    databaseSchema,
    applicationName: 'authcost-libraries-test',
    poolSize: 2,
  })
  const { sessionSecret } = smallPreparation(postgres.url, databaseSchema)
  return { ...configuration, secrets: { ...secrets, sessionSecret } }
}

interface Asking {
  readonly server: RunningServer
  get(headers: Record<string, string>, path?: string): Promise<Response>
  post(path: string, body: object | undefined, headers?: Record<string, string>): Promise<Response>
}

/** A server of the variant in this process, for as long as `work` takes. */
async function withServer<T>(text: string, work: (asking: Asking) => Promise<T>): Promise<T> {
  const server = await startServer(await configurationOf(text))
  const url = `http://127.0.0.1:${server.port}`
  try {
    return await work({
      server,
      get: (headers, path = '/me') => fetch(url + path, { headers }),
      post: (path, body, headers = {}) =>
        fetch(url + path, {
          method: 'POST',
          headers: body === undefined ? headers : { 'content-type': 'application/json', ...headers },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        }),
    })
  } finally {
    await server.stop()
  }
}

const seededHeaders = (server: RunningServer, users = 10) =>
  issueHeaders(
    server.strategy,
    { fromUserId: 1, toUserId: users },
    { nowMs: Date.now(), lifetimeS: 86_400, fresh: false },
  )

/** Queries that `requests` requests to `/me` cost, per request, as the harness counts them. */
async function queriesPerRequest(text: string, requests = 20): Promise<number> {
  return withServer(text, async ({ server, get }) => {
    const headers = await seededHeaders(server)
    const before = server.snapshot(0).queries
    for (let i = 0; i < requests; i++) {
      const answer = await get(headers[i % headers.length] ?? {})
      expect(answer.status).toBe(200)
      await answer.text()
    }
    return (server.snapshot(0).queries - before) / requests
  })
}

/** The cookies a browser would send after these Set-Cookie lines. */
function cookieHeader(...answers: readonly Response[]): string {
  const jar = new Map<string, string>()
  for (const answer of answers) {
    for (const line of answer.headers.getSetCookie()) {
      const [pair = '', ...attributes] = line.split(';')
      const at = pair.indexOf('=')
      const deleted = attributes.some((attribute) => /^\s*max-age=0$/i.test(attribute))
      if (deleted) jar.delete(pair.slice(0, at))
      else jar.set(pair.slice(0, at), pair.slice(at + 1))
    }
  }
  return [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
}

const everyLibrary = libraryStrategies.map(({ name }) => name)

describe.each([...everyLibrary, 'better-auth:cookieCache=on', 'secure-session:keys=2'])('%s', (text) => {
  it('answers seeded users with the very bytes that every other server answers', async () => {
    await withServer(text, async ({ server, get }) => {
      const headers = await seededHeaders(server)
      for (const [index, one] of headers.entries()) {
        const answer = await get(one)
        expect([answer.status, await answer.text()]).toEqual([200, identityBody(seededIdentity(index + 1))])
      }
    })
  })

  it('signs a new user in, and refuses the browser after signing out', async () => {
    await withServer(text, async ({ get, post }) => {
      const username = `new-${text.replaceAll(/\W/g, '-').toLowerCase()}`
      const registered = await post('/register', { username, password: 'correct horse' })
      expect(registered.status).toBe(201)
      const { access_token: token } = Object(await registered.json())
      const carried = (...answers: readonly Response[]): Record<string, string> =>
        typeof token === 'string' ? { authorization: `Bearer ${token}` } : { cookie: cookieHeader(...answers) }
      const me = await get(carried(registered))
      expect(await me.json()).toMatchObject({ username, role: 'member' })
      const left = await post('/logout', undefined, carried(registered, me))
      expect(left.status).toBe(204)
      // A bearer token is the client's to forget.
      if (typeof token !== 'string') expect((await get(carried(registered, me, left))).status).toBe(401)
    })
  })
})

describe.each([
  'fastify-session',
  'better-auth',
  'better-auth:cookieCache=on',
  'secure-session',
  'secure-session:keys=2',
])('a browser of %s', (text) => {
  const account = (name: string) => ({
    username: `${name}-${text.replaceAll(/\W/g, '-').toLowerCase()}`,
    password: 'correct horse',
  })

  it('is signed out by the first request after its login', async () => {
    await withServer(text, async ({ get, post }) => {
      const registered = await post('/register', account('hasty'))
      const left = await post('/logout', undefined, { cookie: cookieHeader(registered) })
      expect((await get({ cookie: cookieHeader(registered, left) })).status).toBe(401)
    })
  })

  it('is whoever signed in last, though it carried the cookies of somebody else', async () => {
    await withServer(text, async ({ get, post }) => {
      const first = await post('/register', account('first'))
      const second = await post('/register', account('second'), { cookie: cookieHeader(first) })
      const me = await get({ cookie: cookieHeader(first, second) })
      expect(await me.json()).toMatchObject({ username: account('second').username })
    })
  })

  it('is given no cookie that a script can read, or that another site may send along with a form', async () => {
    await withServer(text, async ({ get, post }) => {
      const registered = await post('/register', account('careful'))
      const me = await get({ cookie: cookieHeader(registered) })
      for (const line of [...registered.headers.getSetCookie(), ...me.headers.getSetCookie()]) {
        expect(line).toMatch(/; HttpOnly/i)
      }
      for (const line of registered.headers.getSetCookie()) expect(line).toMatch(/; SameSite=Lax; Secure$/)
    })
  })
})

describe('queries per request, as counted', () => {
  it.each([
    ['fastify-session', 2],
    ['fastify-session:rolling=off', 1],
    ['better-auth', 2],
    ['better-auth:joins=on', 1],
    ['better-auth:cookieCache=on', 0],
    ['fastify-jwt', 0],
    ['secure-session', 0],
  ])('%s: %d', async (text, queries) => {
    expect(await queriesPerRequest(text)).toBe(queries)
  })

  it('are as many as without a cookie cache where the cached cookie does not come back', async () => {
    const counted = await withServer('better-auth:cookieCache=on', async ({ server, get }) => {
      const [headers] = await seededHeaders(server, 1)
      const tokenOnly = { cookie: headers?.cookie?.split('; ')[0] ?? '' }
      const before = server.snapshot(0).queries
      const answer = await get(tokenOnly)
      expect(answer.headers.getSetCookie().join()).toContain('better-auth.session_data=')
      const after = server.snapshot(0)
      expect(after.strategy).toMatchObject({ cacheHits: 0, cacheMisses: 1 })
      await get(headers ?? {})
      expect(server.snapshot(0).strategy).toMatchObject({ cacheHits: 1, cacheMisses: 1 })
      return after.queries - before
    })
    expect(counted).toBe(2)
  })

  it('of the better-auth cookie cache keep a signed-out session alive until the cached cookie expires', async () => {
    await withServer('better-auth:cookieCache=on,cacheMaxAgeS=1', async ({ server, get, post }) => {
      const [headers = {}] = await issueHeaders(
        server.strategy,
        { fromUserId: 1, toUserId: 1 },
        { nowMs: Date.now(), lifetimeS: 600, fresh: true },
      )
      await post('/logout', undefined, headers)
      expect((await get(headers)).status).toBe(200)
      await expect.poll(async () => (await get(headers)).status, { timeout: 5000 }).toBe(401)
    })
  })
})

describe("better-auth's cookie cache", () => {
  const account = { username: 'cached-from-the-start', password: 'correct horse' }

  it('is set by the login, of what it knows: no query more than without it, and the first request is a hit', async () => {
    const registering = (text: string, username: string) =>
      withServer(text, async ({ server, get, post }) => {
        const counted = () => server.snapshot(0).queries
        const before = counted()
        const registered = await post('/register', { ...account, username })
        const after = counted()
        const me = await get({ cookie: cookieHeader(registered) })
        expect(await me.json()).toMatchObject({ username, role: 'member' })
        const { strategy } = server.snapshot(0)
        const lines = registered.headers.getSetCookie().filter((line) => line.includes('session_data='))
        return { login: after - before, request: counted() - after, strategy, lines }
      })
    const { login } = await registering('better-auth', 'looked-up')
    const cached = await registering('better-auth:cookieCache=on,cacheMaxAgeS=60', account.username)
    expect(cached).toMatchObject({ login, request: 0, strategy: { cacheHits: 1, cacheMisses: 0 } })
    expect(cached.lines).toEqual([expect.stringContaining('; Max-Age=60;')])
  })

  it.each(['not~a~cookie', 'e30', '%00', 'eyJzZXNzaW9uIjp7fSwiZXhwaXJlc0F0IjoxLCJzaWduYXR1cmUiOiJ-In0'])(
    'is made anew where the cookie is %s',
    async (value) => {
      await withServer('better-auth:cookieCache=on', async ({ server, get }) => {
        const [headers] = await seededHeaders(server, 1)
        const [token = '', data = ''] = headers?.cookie?.split('; ') ?? []
        const answer = await get({ cookie: `${token}; ${data.split('=')[0]}=${value}` })
        expect([answer.status, await answer.text()]).toEqual([200, identityBody(seededIdentity(1))])
        expect(answer.headers.getSetCookie().join()).toMatch(/session_data=[\w-]{40}/)
      })
    },
  )
})

describe('the warning about two cookies of one name', () => {
  it.each(libraryStrategies.flatMap(({ name, parse }) => (parse({}).traits.unguarded === undefined ? [] : [name])))(
    'is true of %s: it takes the first without complaint',
    async (text) => {
      await withServer(text, async ({ server, get }) => {
        const [first, second] = await seededHeaders(server, 2)
        const answer = await get({ cookie: `${first?.cookie}; ${second?.cookie}` })
        expect([answer.status, await answer.text()]).toEqual([200, identityBody(seededIdentity(1))])
      })
    },
  )
})

describe("better-auth's warning about signing out", () => {
  it('is true: what could not be deleted is answered as done, and lives', async () => {
    await withServer('better-auth', async ({ get, post }) => {
      const registered = await post('/register', { username: 'not-quite-gone', password: 'correct horse' })
      const carried = { cookie: cookieHeader(registered) }
      const admin = new pg.Client({ connectionString: postgres.url, options: `-c search_path=${databaseSchema}` })
      await admin.connect()
      try {
        await admin.query('ALTER TABLE better_auth_session RENAME TO out_of_reach')
        expect((await post('/logout', undefined, carried)).status).toBe(204)
      } finally {
        await admin.query('ALTER TABLE out_of_reach RENAME TO better_auth_session')
        await admin.end()
      }
      expect((await get(carried)).status).toBe(200)
    })
  })
})

describe('fastify-session', () => {
  it('writes a session for a stranger by default, and none without saveUninitialized', async () => {
    const written = (text: string) =>
      withServer(text, async ({ server, get }) => {
        const before = server.snapshot(0).queries
        expect((await get({})).status).toBe(401)
        return server.snapshot(0).queries - before
      })
    expect(await written('fastify-session')).toBe(1)
    expect(await written('fastify-session:saveUninitialized=off')).toBe(0)
  })
})

describe('a server process of the build', () => {
  it.each(['fastify-session', 'better-auth:cookieCache=on', 'secure-session', 'fastify-jwt'])(
    'runs %s under NODE_ENV=production, as measured',
    async (text) => {
      await using server = await ServerProcess.start({ nodeFlags: [], configuration: await configurationOf(text) })
      await server.warmPool()
      const seeded = { nowMs: Date.now(), lifetimeS: 86_400, fresh: false }
      const [headers = {}] = await server.issue({ fromUserId: 10, toUserId: 10, ...seeded })
      const answer = await fetch(`${server.url}/me`, { headers })
      expect([answer.status, await answer.text()]).toEqual([200, identityBody(seededIdentity(10))])
    },
  )
})

describe('a pool given to a library', () => {
  it('waits and queries are timed as they are for the strategies of the project', async () => {
    await withServer('fastify-session:rolling=off', async ({ server, get }) => {
      const [headers = {}] = await seededHeaders(server, 1)
      const timed = () => {
        const { poolWait, query } = server.snapshot(0).steps
        return [poolWait, query].map(({ counts }) => counts.reduce((sum, count) => sum + count, 0))
      }
      const before = timed()
      await get(headers)
      expect(timed()).toEqual(before.map((count) => count + 1))
    })
  })
})
