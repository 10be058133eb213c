import { afterAll, beforeAll, expect, it } from 'vitest'
import { protocolVersion } from '../../servers/contract/protocol.ts'
import { startTestPostgres, type TestPostgres } from '../../servers/database/postgres.fixture.ts'
import { smallPreparation } from '../../servers/database/prepare.fixture.ts'
import { prepareDatabase } from '../../servers/database/prepare.ts'
import { issueHeaders } from '../../servers/process/issue-headers.ts'
import { startServer } from '../../servers/process/running-server.ts'
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
async function lagOf(text: string, logOutAt: 'the same' | 'another'): Promise<RevocationLag | undefined> {
  const variant = parseVariant(text)
  const { sessionSecret } = smallPreparation(postgres.url, databaseSchema)
  const secrets = { ...(await strategyNamed(variant.strategy).createSecrets(variant)), sessionSecret }
  const start = () =>
    startServer({
      protocolVersion,
      variantId: variant.id,
      strategy: variant.strategy,
      parameters: variant.parameters,
      secrets,
      host: '127.0.0.1',
      port: 0,
      databaseUrl: postgres.url,
      databaseSchema,
      applicationName: 'authcost-lag-test',
      poolSize: 2,
      insecureCookies: false,
      accessLifetimeS: 600,
      logRequests: false,
    })
  const [asked, other] = await Promise.all([start(), start()])
  const toAsked = httpSender(`http://127.0.0.1:${asked.port}`)
  const toOther = httpSender(`http://127.0.0.1:${other.port}`)
  try {
    return await measureRevocationLag(
      {
        variant,
        recordedAs: variant.id,
        issue: (request) => issueHeaders(asked.strategy, request, request),
        ask: toAsked.send,
        logOut: logOutAt === 'another' ? toOther.send : toAsked.send,
      },
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
