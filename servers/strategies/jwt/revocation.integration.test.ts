import pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { seededIdentity } from '../../contract/identity.ts'
import { startTestPostgres, type TestPostgres } from '../../database/postgres.fixture.ts'
import { smallPreparation } from '../../database/prepare.fixture.ts'
import { prepareDatabase } from '../../database/prepare.ts'
import { type RealServer, startRealServer } from '../../process/real-server.fixture.ts'
import { propagationMs } from './denylist-promise.ts'

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
WHERE application_name = 'authcost-test' AND query ~ '(FROM denied_tokens WHERE expires_at|^SELECT 1$)'`,
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
  const published = await (await fetch(`${real.url}/.well-known/jwks.json`)).json()
  expect(published).toMatchObject({ keys: [{ alg: 'ES256' }, { alg: 'ES256' }] })
  expect(await status(real, before)).toBe(200)
  // A server that starts now knows both; one that runs asks again after its cooldown (accepted-keys.test.ts).
  const after = await logIn(real)
  expect(after.cookie).not.toBe(before.cookie)
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
