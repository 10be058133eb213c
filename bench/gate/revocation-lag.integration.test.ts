import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RevocationEvent } from '../../servers/contract/revocation.ts'
import { startTestPostgres, type TestPostgres } from '../../servers/database/postgres.fixture.ts'
import { smallPreparation } from '../../servers/database/prepare.fixture.ts'
import { prepareDatabase } from '../../servers/database/prepare.ts'
import { startRealServer } from '../../servers/process/real-server.fixture.ts'
import { startServer } from '../../servers/process/running-server.ts'
import { testConfiguration } from '../../servers/process/server-configuration.fixture.ts'
import { parseVariant, strategyNamed } from '../../servers/strategies/table.ts'
import type { RevocationLag } from '../record/run.ts'
import { httpSender } from './http-sender.ts'
import { lagClock, measureRevocationLag } from './revocation-lag.ts'

const databaseSchema = 'authcost_lag'
let postgres: TestPostgres

beforeAll(async () => {
  postgres = await startTestPostgres()
  await prepareDatabase(smallPreparation(postgres.url, databaseSchema), () => {})
})
afterAll(() => postgres[Symbol.asyncDispose]())

/** The lag at one of two real servers of the variant, where the user logs out at `logOutAt`. */
async function lagOf(
  text: string,
  logOutAt: 'the same' | 'another',
  event: RevocationEvent = 'logout',
): Promise<RevocationLag | undefined> {
  const variant = parseVariant(text)
  const { sessionSecret } = smallPreparation(postgres.url, databaseSchema)
  const secrets = { ...(await strategyNamed(variant.strategy).createSecrets(variant)), sessionSecret }
  const configuration = await testConfiguration(text, {
    secrets,
    databaseUrl: postgres.url,
    databaseSchema,
    applicationName: 'authcost-lag-test',
    poolSize: 2,
  })
  const start = () => startServer(configuration)
  const [asked, other] = await Promise.all([start(), start()])
  const toAsked = httpSender(`http://127.0.0.1:${asked.port}`)
  const toOther = httpSender(`http://127.0.0.1:${other.port}`)
  try {
    return await measureRevocationLag(
      {
        variant,
        recordedAs: variant.id,
        createUser: (request) => asked.users.create(request),
        changeRole: (userId, role) => asked.users.changeRole(userId, role),
        deleteUser: (userId) => asked.users.delete(userId),
        ask: toAsked.send,
        logOut: logOutAt === 'another' ? toOther.send : toAsked.send,
      },
      event,
      lagClock(AbortSignal.timeout(20_000)),
    )
  } finally {
    await Promise.all([toAsked.close(), toOther.close()])
    await Promise.all([asked.stop(), other.stop()])
  }
}

it.each(['the same', 'another'] as const)('a session is refused at once, logged out at %s server', async (where) => {
  expect((await lagOf('session', where))?.lagMs).toBe(0)
})

it('a cached session is accepted after a logout at another server, and refused at once where it logged out', async () => {
  expect((await lagOf('session:cacheTtl=400ms', 'the same'))?.lagMs).toBe(0)
  expect((await lagOf('session:cacheTtl=400ms', 'another'))?.lagMs).toBeGreaterThan(0)
})

it('a signed token is accepted after the logout until its shortened lifetime ends', async () => {
  const lag = await lagOf('jwt:alg=HS256', 'the same')
  expect(lag?.lagMs).toBeGreaterThan(0)
  expect(lag).toMatchObject({ lifetimeS: 2, atMostMs: 900_000 })
})

describe.each(['role-change', 'user-deletion'] as const)('after a %s', (event) => {
  it.each(['session', 'better-auth'])('%s reads the user on each request', async (text) => {
    expect(await lagOf(text, 'the same', event)).toMatchObject({ event, lagMs: 0, atMostMs: 0 })
  })

  it('a cached session goes on as before for as long as the cache keeps it, on the server that was asked as well', async () => {
    const lag = await lagOf('session:cacheTtl=400ms', 'the same', event)
    expect(lag?.lagMs).toBeGreaterThan(0)
    expect(lag?.atMostMs).toBe(400)
  })

  it.each([
    'jwt:alg=HS256',
    'jwt:alg=HS256,denylist=postgres',
    'jwt:alg=HS256,cache=100',
    'sealed',
    'fastify-jwt',
    'secure-session',
    'fastify-session:rolling=off',
  ])('%s goes on as before until its shortened lifetime ends', async (text) => {
    const lag = await lagOf(text, 'the same', event)
    expect(lag?.lagMs).toBeGreaterThan(0)
    expect(lag).toMatchObject({ lifetimeS: 2 })
  })

  it('a session whose every use puts its end off outlives the lifetime it was given', async () => {
    const lag = await lagOf('fastify-session', 'the same', event)
    expect(lag?.lagMs).toEqual({ absent: 'still as before after 2.5 s' })
  })
})

it('only users made for it are changed or deleted', async () => {
  await using real = await startRealServer('session', {
    databaseUrl: postgres.url,
    databaseSchema,
    secrets: { sessionSecret: smallPreparation(postgres.url, databaseSchema).sessionSecret },
  })
  const { users } = real.server
  await expect(users.changeRole(1, 'admin')).rejects.toMatchObject({ code: 'server.foreign-user' })
  await expect(users.delete(1)).rejects.toMatchObject({ code: 'server.foreign-user' })
})
