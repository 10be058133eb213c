import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { z } from 'zod'
import { seededIdentity } from '../../contract/identity.ts'
import { protocolVersion } from '../../contract/protocol.ts'
import { deleteExpiredDenials, deniedFamilies, denyFamily } from '../../database/denied-families.ts'
import { startTestPostgres, type TestPostgres } from '../../database/postgres.fixture.ts'
import { smallPreparation } from '../../database/prepare.fixture.ts'
import { prepareDatabase } from '../../database/prepare.ts'
import { startIssuer } from '../../issuer/running-issuer.ts'
import { type RealServer, startRealServer } from '../../process/real-server.fixture.ts'
import { parseVariant, strategyNamed } from '../table.ts'
import { propagationMs } from './denylist-promise.ts'

const tokensSchema = z.object({ access_token: z.string(), refresh_token: z.string() })
const keySetSchema = z.object({ keys: z.array(z.record(z.string(), z.unknown())) })
type Tokens = z.infer<typeof tokensSchema>

const databaseSchema = 'authcost_denylist'
let postgres: TestPostgres

beforeAll(async () => {
  postgres = await startTestPostgres()
  await prepareDatabase(smallPreparation(postgres.url, databaseSchema), () => {})
})
afterAll(() => postgres[Symbol.asyncDispose]())

const start = (text: string, secrets = {}): Promise<RealServer> =>
  startRealServer(text, { databaseUrl: postgres.url, databaseSchema, secrets })

const logIn = async ({ server }: RealServer): Promise<Record<string, string>> => {
  const issued = await server.strategy.issue(seededIdentity(1), { nowMs: Date.now(), lifetimeS: 60 })
  return { ...issued.requestHeaders }
}
const status = async ({ url }: RealServer, headers: Record<string, string>): Promise<number> => {
  const answer = await fetch(`${url}/me`, { headers })
  await answer.arrayBuffer()
  return answer.status
}
const logOut = async ({ url }: RealServer, headers: Record<string, string>): Promise<void> => {
  expect((await fetch(`${url}/logout`, { method: 'POST', headers })).status).toBe(204)
}

/** Asks until the answer is the one expected, at most for `withinMs`. */
async function becomes(expected: number, withinMs: number, ask: () => Promise<number>): Promise<void> {
  const deadlineMs = performance.now() + withinMs
  let last = await ask()
  while (last !== expected && performance.now() < deadlineMs) {
    await new Promise((resolve) => setTimeout(resolve, 10))
    last = await ask()
  }
  expect(last).toBe(expected)
}

it('one logout is known to every server with the same denylist in memory, cached tokens included', async () => {
  await using here = await start('jwt:denylist=memory,cache=100')
  await using there = await start('jwt:denylist=memory,cache=100', here.secrets)
  const headers = await logIn(here)
  expect([await status(here, headers), await status(there, headers)]).toEqual([200, 200])
  await logOut(here, headers)
  expect(await status(here, headers)).toBe(401)
  await becomes(401, propagationMs, () => status(there, headers))
})

it.each(['postgres', 'memory'])(
  'a denylist in %s ends every access token of a family: at a logout, and when a refresh token is used twice',
  async (where) => {
    await using real = await start(`jwt:denylist=${where},transport=bearer`)
    const post = async (path: string, body: object, headers = {}) => {
      const sent = { method: 'POST', headers: { 'content-type': 'application/json', ...headers } }
      return fetch(`${real.url}${path}`, { ...sent, body: JSON.stringify(body) })
    }
    const bearer = (tokens: Tokens) => ({ authorization: `Bearer ${tokens.access_token}` })
    const refresh = async ({ refresh_token }: Tokens) =>
      tokensSchema.parse(await (await post('/token', { refresh_token })).json())
    const register = async () => {
      const user = { username: randomUUID(), password: randomUUID() }
      return tokensSchema.parse(await (await post('/register', user)).json())
    }
    const statuses = (...tokens: Tokens[]) => Promise.all(tokens.map((one) => status(real, bearer(one))))

    const [bystander, first] = [await register(), await register()]
    const second = await refresh(first)
    expect(await statuses(first, second)).toEqual([200, 200])
    expect((await post('/token', { refresh_token: first.refresh_token })).status).toBe(401)
    expect(await statuses(first, second, bystander)).toEqual([401, 401, 200])

    const third = await register()
    const fourth = await refresh(third)
    // Logged out with the older token, which must not leave the newer one alive.
    expect((await post('/logout', {}, bearer(third))).status).toBe(204)
    expect(await statuses(third, fourth, bystander)).toEqual([401, 401, 200])
  },
)

it('a denial outlives its tokens by more than two clocks differ, and is never shortened', async () => {
  const familyId = randomUUID()
  const client = new pg.Client({ connectionString: postgres.url, options: `-c search_path=${databaseSchema}` })
  await client.connect()
  const database = {
    query: async <Row>({ text, values }: { text: string; values: unknown[] }) => {
      const { rows, rowCount } = await client.query(text, values)
      const typed: Row[] = rows
      return { rows: typed, rowCount: rowCount ?? 0 }
    },
  }
  const remainingS = async (): Promise<number> => {
    const families = await deniedFamilies(database)
    return (families.find((family) => family.familyId === familyId)?.expiresAtS ?? 0) - Date.now() / 1000
  }
  try {
    await denyFamily(database, familyId, Date.now() / 1000)
    expect(await remainingS()).toBeGreaterThan(30)
    await denyFamily(database, familyId, Date.now() / 1000 + 900)
    await denyFamily(database, familyId, Date.now() / 1000)
    expect(await remainingS()).toBeGreaterThan(900)
    expect(await deleteExpiredDenials(database)).toBe(0)
  } finally {
    await client.end()
  }
})

it('an expired token of a key that has retired still ends its family', async () => {
  const keys = await strategyNamed('jwt').createSecrets(parseVariant('jwt:alg=ES256'))
  await using before = await start('jwt:alg=ES256', keys)
  const current = await strategyNamed('jwt').createSecrets(parseVariant('jwt:alg=ES256'))
  const retiredAtMs = String(Date.now() - 3_600_000)
  const retired = {
    'kid.1': keys.kid ?? '',
    'verificationKey.1': keys.verificationKey ?? '',
    'retiredAtMs.1': retiredAtMs,
  }
  await using after = await start('jwt:alg=ES256,previousKeys=1', { ...current, ...retired })
  const user = JSON.stringify({ username: randomUUID(), password: randomUUID() })
  const json = { 'content-type': 'application/json' }
  const registered = await fetch(`${before.url}/register`, { method: 'POST', headers: json, body: user })
  const [access = '', refresh = ''] = registered.headers.getSetCookie().map((line) => line.split(';')[0] ?? '')
  expect(await status(after, { cookie: access })).toBe(401)
  await logOut(after, { cookie: access })
  const answer = await fetch(`${after.url}/token`, { method: 'POST', headers: { cookie: refresh } })
  expect(answer.status).toBe(401)
})

it('answers 503 while the connection that keeps its denylist fresh is down, and takes up what it missed', async () => {
  await using here = await start('jwt:denylist=memory')
  await using other = await start('jwt:denylist=postgres', here.secrets)
  const revoked = await logIn(here)
  const good = await logIn(here)
  expect([await status(other, revoked), await status(here, good)]).toEqual([200, 200])
  // From another database, because the tests' own takes no connection for a while.
  const admin = new pg.Client({ connectionString: postgres.url.replace(/[^/]*$/, 'template1') })
  await admin.connect()
  try {
    await admin.query('ALTER DATABASE postgres ALLOW_CONNECTIONS false')
    const { rowCount } = await admin.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE application_name = 'authcost-test' AND query ~ '(FROM denied_families WHERE expires_at|^SELECT 1$)'`,
    )
    expect(rowCount).toBe(1)
    await becomes(503, propagationMs, () => status(here, good))
    await logOut(other, revoked)
    expect(await status(here, good)).toBe(503)
    await admin.query('ALTER DATABASE postgres ALLOW_CONNECTIONS true')
    await becomes(200, 5000, () => status(here, good))
    expect(await status(here, revoked)).toBe(401)
  } finally {
    await admin.query('ALTER DATABASE postgres ALLOW_CONNECTIONS true')
    await admin.end()
  }
})

it('a key that its issuer has retired is accepted beside the one that signs now', async () => {
  await using real = await start('jwt:alg=ES256,issuer=remote,verifier=node')
  const before = await logIn(real)
  await real.issuer?.rotate()
  const keySet = async (origin: string) =>
    keySetSchema.parse(await (await fetch(`${origin}/.well-known/jwks.json`)).json())
  const atIssuer = await keySet(`http://127.0.0.1:${real.issuer?.port}`)
  expect(atIssuer).toMatchObject({ keys: [{ alg: 'ES256' }, { alg: 'ES256' }] })
  // Whoever asks the server for keys does not make it ask its issuer.
  expect(await keySet(real.url)).toEqual({ keys: [atIssuer.keys[1]] })
  expect(await status(real, before)).toBe(200)
  // A server that starts now knows both; one that runs asks again after its cooldown (accepted-keys.test.ts).
  const after = await logIn(real)
  expect(after.cookie).not.toBe(before.cookie)
})

it('answers 503 to a login and a logout while its issuer is down, and clears no cookie', async () => {
  await using real = await start('jwt:alg=ES256,issuer=remote')
  const headers = await logIn(real)
  await real.issuer?.stop()
  const credentials = JSON.stringify({ username: randomUUID(), password: randomUUID() })
  const json = { 'content-type': 'application/json' }
  const answers = [
    await fetch(`${real.url}/register`, { method: 'POST', headers: json, body: credentials }),
    await fetch(`${real.url}/login`, { method: 'POST', headers: json, body: credentials }),
    // The keys for logouts have not been fetched yet.
    await fetch(`${real.url}/logout`, { method: 'POST', headers }),
  ]
  for (const answer of answers) {
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1'])
    expect(answer.headers.getSetCookie()).toEqual([])
    expect(await answer.text()).not.toMatch(/ECONN|127\.0\.0\.1|\n\s+at /)
  }
  // Requests go on: the keys they need are at hand.
  expect(await status(real, headers)).toBe(200)
})

it('a refresh that its issuer could not sign leaves the token good, once', async () => {
  await using real = await start('jwt:alg=ES256,issuer=remote,transport=bearer')
  const post = (path: string, body: object) =>
    fetch(`${real.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  const user = { username: randomUUID(), password: randomUUID() }
  const { refresh_token } = tokensSchema.parse(await (await post('/register', user)).json())
  const port = real.issuer?.port ?? 0
  await real.issuer?.stop()
  expect((await post('/token', { refresh_token })).status).toBe(503)
  const { parameters } = real.variant
  const again = await startIssuer({ protocolVersion, parameters, secrets: real.secrets, host: '127.0.0.1', port })
  try {
    const answer = await post('/token', { refresh_token })
    expect(answer.status).toBe(200)
    // Used now: whoever comes with it once more is no client that waited.
    expect((await post('/token', { refresh_token })).status).toBe(401)
    const next = tokensSchema.parse(await answer.json())
    expect((await post('/token', { refresh_token: next.refresh_token })).status).toBe(401)
  } finally {
    await again.stop()
  }
})

it('retired keys verify, and never sign', async () => {
  await using real = await start('jwt:alg=ES256,previousKeys=1')
  expect(Object.keys(real.secrets)).toEqual(expect.arrayContaining(['kid.1', 'verificationKey.1', 'retiredAtMs.1']))
  expect(Object.keys(real.secrets)).not.toContain('signingKey.1')
  expect(await status(real, await logIn(real))).toBe(200)
})

it('the server of a remote issuer holds no key that signs', async () => {
  await using real = await start('jwt:alg=RS256,issuer=remote')
  const forServer = Object.keys(real.secrets).filter((name) => !name.startsWith('issuer.'))
  expect(forServer).toEqual(['issuerSecret'])
  expect(await status(real, await logIn(real))).toBe(200)
})
