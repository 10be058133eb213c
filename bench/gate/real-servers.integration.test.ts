import { afterAll, beforeAll, expect, it } from 'vitest'
import { identityBody, seededIdentity } from '../../servers/contract/identity.ts'
import { protocolVersion } from '../../servers/contract/protocol.ts'
import { startTestPostgres, type TestPostgres } from '../../servers/database/postgres.fixture.ts'
import { smallPreparation } from '../../servers/database/prepare.fixture.ts'
import { prepareDatabase } from '../../servers/database/prepare.ts'
import { issueHeaders } from '../../servers/process/issue-headers.ts'
import { startServer } from '../../servers/process/running-server.ts'
import { parseVariant, strategyNamed } from '../../servers/strategies/table.ts'
import type { Check } from '../record/run.ts'
import { runGate } from './run-gate.ts'

const databaseSchema = 'authcost_gate'
let postgres: TestPostgres

beforeAll(async () => {
  postgres = await startTestPostgres()
  await prepareDatabase(smallPreparation(postgres.url, databaseSchema), () => {})
})
afterAll(() => postgres[Symbol.asyncDispose]())

/** The gate against a real server of the variant, in this process. */
async function gateOf(text: string): Promise<Check[]> {
  const variant = parseVariant(text)
  const { sessionSecret } = smallPreparation(postgres.url, databaseSchema)
  const secrets = { ...(await strategyNamed(variant.strategy).createSecrets(variant)), sessionSecret }
  const server = await startServer({
    protocolVersion,
    variantId: variant.id,
    strategy: variant.strategy,
    parameters: variant.parameters,
    secrets,
    host: '127.0.0.1',
    port: 0,
    databaseUrl: postgres.url,
    databaseSchema,
    applicationName: 'authcost-gate-test',
    poolSize: 2,
    insecureCookies: false,
    accessLifetimeS: 600,
    logRequests: false,
  })
  try {
    return await runGate({
      url: `http://127.0.0.1:${server.port}`,
      variant,
      secrets,
      issue: (request) => issueHeaders(server.strategy, request, request),
      expectedBody: (userId) => identityBody(seededIdentity(userId)),
    })
  } finally {
    await server.stop()
  }
}

/** An attack that must have been made for the result to mean something. */
const decisive = [
  ['none', 'missing'],
  ['synthetic:cpu=1us', 'missing'],
  ['session', 'revoked'],
  ['fastify-session', 'revoked'],
  ['fastify-session:rolling=off,saveUninitialized=off', 'expired'],
  ['fastify-jwt', 'no audience'],
  ['fastify-jwt:cache=on', 'other algorithm, same key'],
  ['secure-session', 'tampered'],
  ['secure-session:keys=2', 'expired'],
  ['better-auth', 'revoked'],
  ['better-auth:cookieCache=on', 'expired'],
  ['better-auth:joins=on', 'revoked'],
  ['jwt:alg=HS256', 'wrong audience'],
  ['jwt:alg=RS256', 'public key as HMAC secret, PEM'],
  ['jwt:alg=PS256', 'other algorithm, same key'],
  ['jwt:alg=ES256', 'public key as HMAC secret, JWK'],
  ['jwt:alg=EdDSA', 'wrong issuer'],
  ['jwt:alg=ES256,transport=bearer', 'signed again, unchanged'],
]

it.each(decisive)('%s passes every attack, "%s" among them', async (text, attack) => {
  const checks = await gateOf(text)
  expect(checks.filter((check) => !check.passed)).toEqual([])
  expect(checks.map((check) => check.attack)).toContain(attack)
})
