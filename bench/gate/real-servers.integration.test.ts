import { afterAll, beforeAll, expect, it } from 'vitest'
import { identityBody, seededIdentity } from '../../servers/contract/identity.ts'
import { introspectionClientSecret, introspectionUrlSecret } from '../../servers/contract/introspector-protocol.ts'
import { distinctLayouts } from '../../servers/contract/session-layout.ts'
import type { ResolvedVariant, Secrets } from '../../servers/contract/strategy.ts'
import { CountedPool } from '../../servers/database/pool.ts'
import { startTestPostgres, type TestPostgres } from '../../servers/database/postgres.fixture.ts'
import { smallPreparation } from '../../servers/database/prepare.fixture.ts'
import { prepareDatabase } from '../../servers/database/prepare.ts'
import { issueHeaders } from '../../servers/process/issue-headers.ts'
import { startServer } from '../../servers/process/running-server.ts'
import { testConfiguration } from '../../servers/process/server-configuration.fixture.ts'
import { startIntrospector } from '../../servers/strategies/introspection/running-introspector.ts'
import { parseVariant, strategyNamed } from '../../servers/strategies/table.ts'
import { RunLock } from '../environment/lock-file.ts'
import { requirement } from '../environment/requirement.fixture.ts'
import type { RedisHandle } from '../launch/redis-handle.ts'
import { findRedisProgram, startRedisProgram } from '../launch/redis-program.ts'
import type { Check } from '../record/run.ts'
import { runGate } from './run-gate.ts'

const databaseSchema = 'authcost_gate'
const keyPrefix = 'authcost:gate-test:'
const redisNeeded = requirement('redis')
let postgres: TestPostgres
let redis: RedisHandle | undefined

beforeAll(async () => {
  postgres = await startTestPostgres()
  const program = redisNeeded.available ? findRedisProgram() : undefined
  const lock = new RunLock(`gate-test-${process.pid}`)
  redis = program === undefined ? undefined : await startRedisProgram(program, lock, AbortSignal.timeout(20_000))
  const layouts = distinctLayouts(decisive.map(([text]) => parseVariant(text).sessionLayout))
  await prepareDatabase(
    {
      ...smallPreparation(postgres.url, databaseSchema),
      sessionLayouts: layouts.filter(({ store }) => store === 'postgres' || redis !== undefined),
      ...(redis === undefined ? {} : { redis: { url: redis.url, keyPrefix } }),
    },
    () => {},
  )
  return async () => {
    await redis?.[Symbol.asyncDispose]()
    lock.close()
  }
})
afterAll(() => postgres[Symbol.asyncDispose]())

/** What a variant's needs put among its server's secrets, and how to end it. */
async function startNeeds(
  { needs }: ResolvedVariant,
  secrets: Secrets,
): Promise<{ readonly secrets: Secrets; stop(): Promise<void> }> {
  if (needs.includes('redis')) {
    return { secrets: { ...secrets, redisUrl: redis?.url ?? '', redisKeyPrefix: keyPrefix }, stop: async () => {} }
  }
  if (!needs.includes('introspector')) return { secrets, stop: async () => {} }
  const pool = new CountedPool({
    databaseUrl: postgres.url,
    databaseSchema,
    applicationName: 'authcost-gate-test-service',
    poolSize: 2,
  })
  const clientSecret = secrets[introspectionClientSecret] ?? ''
  const service = await startIntrospector({ host: '127.0.0.1', port: 0, clientSecret }, pool)
  const url = `http://127.0.0.1:${service.port}`
  return { secrets: { ...secrets, [introspectionUrlSecret]: url }, stop: () => service.stop() }
}

/** The gate against a real server of the variant, in this process. */
async function gateOf(text: string): Promise<Check[]> {
  const variant = parseVariant(text)
  const { sessionSecret } = smallPreparation(postgres.url, databaseSchema)
  const own = { ...(await strategyNamed(variant.strategy).createSecrets(variant)), sessionSecret }
  const { secrets, stop } = await startNeeds(variant, own)
  const configuration = await testConfiguration(text, {
    secrets,
    databaseUrl: postgres.url,
    databaseSchema,
    applicationName: 'authcost-gate-test',
    poolSize: 2,
  })
  const server = await startServer(configuration)
  try {
    return await runGate({
      url: `http://127.0.0.1:${server.port}`,
      variant,
      secrets,
      issue: (request) => issueHeaders(server.strategy, request, request),
      expectedBody: (userId) => identityBody(seededIdentity(userId)),
      onNotTried: ({ attack, why }) => expect.unreachable(`${attack}: ${why}`),
    })
  } finally {
    await server.stop()
    await stop()
  }
}

/** An attack that must have been made for the result to mean something. */
const decisive: readonly (readonly [string, string])[] = [
  ['none', 'missing'],
  ['synthetic:cpu=1us', 'missing'],
  ['session', 'revoked'],
  ['session', 'fixed before login'],
  ['session:cacheTtl=300ms', 'revoked, once it is promised'],
  ['session:touch=always', 'not used for too long'],
  ['session:touch=60s,cacheTtl=1s', 'not used for too long'],
  ['session:hash=plain', 'SQL in the credential'],
  ['session:prepared=false', 'SQL in place of the credential'],
  ['session:index=hash,table=unlogged,idBytes=16', 'guessed'],
  ['session:store=redis', 'revoked'],
  ['session:store=redis,touch=always', 'not used for too long'],
  ['session:store=redis,touch=60s,hash=plain,idBytes=64', 'not used for too long'],
  ['session:store=redis,cacheTtl=300ms', 'revoked, once it is promised'],
  ['introspection', 'revoked'],
  ['introspection:cacheTtl=300ms', 'revoked, once it is promised'],
  ['introspection', 'doubled header'],
  ['fastify-session', 'revoked'],
  ['fastify-session:rolling=off,saveUninitialized=off', 'expired'],
  ['fastify-jwt', 'no audience'],
  ['fastify-jwt:cache=on', 'other algorithm, same key'],
  ['secure-session', 'tampered'],
  ['secure-session:keys=2', 'expired'],
  ['better-auth', 'revoked'],
  ['better-auth:cookieCache=on', 'expired'],
  ['better-auth:cookieCache=on', 'cached cookie of another user'],
  ['better-auth:joins=on', 'revoked'],
  ['jwt:alg=HS256', 'wrong audience'],
  ['jwt:alg=RS256', 'public key as HMAC secret, PEM'],
  ['jwt:alg=PS256', 'other algorithm, same key'],
  ['jwt:alg=ES256', 'public key as HMAC secret, JWK'],
  ['jwt:alg=EdDSA', 'forged, by another algorithm'],
  ['jwt:alg=ES256,transport=bearer', 'doubled header, in two lines'],
  ['jwt:alg=HS256,transport=bearer', 'signed again, unchanged'],
]

const needsRedis = ([text]: readonly [string, string]): boolean => parseVariant(text).needs.includes('redis')
const possible = decisive.filter((row) => redisNeeded.available || !needsRedis(row))

it.each(possible)('%s passes every attack, "%s" among them', async (text, attack) => {
  const checks = await gateOf(text)
  expect(checks.filter((check) => !check.passed)).toEqual([])
  expect(checks.map((check) => check.attack)).toContain(attack)
})
