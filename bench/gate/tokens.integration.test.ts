import { afterAll, beforeAll, expect, it } from 'vitest'
import { identityBody, seededIdentity } from '../../servers/contract/identity.ts'
import { startTestPostgres, type TestPostgres } from '../../servers/database/postgres.fixture.ts'
import { smallPreparation } from '../../servers/database/prepare.fixture.ts'
import { prepareDatabase } from '../../servers/database/prepare.ts'
import { issueHeaders } from '../../servers/process/issue-headers.ts'
import { startRealServer } from '../../servers/process/real-server.fixture.ts'
import { algorithmNames, algorithms, hasMlDsa } from '../../servers/strategies/jwt/algorithms.ts'
import { refusedAlgorithm, verifierNames } from '../../servers/strategies/jwt/key-forms.ts'
import { parseVariant } from '../../servers/strategies/table.ts'
import type { Check } from '../record/run.ts'
import { runGate } from './run-gate.ts'

const databaseSchema = 'authcost_token_gate'
let postgres: TestPostgres

beforeAll(async () => {
  postgres = await startTestPostgres()
  await prepareDatabase(smallPreparation(postgres.url, databaseSchema), () => {})
})
afterAll(() => postgres[Symbol.asyncDispose]())

async function gateOf(text: string): Promise<Check[]> {
  await using real = await startRealServer(text, { databaseUrl: postgres.url, databaseSchema })
  return await runGate({
    url: real.url,
    variant: real.variant,
    secrets: real.secrets,
    issue: (request) => issueHeaders(real.server.strategy, request, request),
    expectedBody: (userId) => identityBody(seededIdentity(userId)),
    onNotTried: ({ attack, why }) => expect.unreachable(`${attack}: ${why}`),
  })
}

const { node, openssl } = process.versions
const mlDsaAvailable = hasMlDsa({ node, openssl })
/** RSA keys take long to make, and these differ from the 256 bit ones in nothing but the hash. */
const alike = ['RS384', 'RS512', 'PS384', 'PS512']
const runnable = algorithmNames
  .filter((alg) => !alike.includes(alg))
  .filter((alg) => algorithms[alg].family !== 'ML-DSA' || mlDsaAvailable)
const everyVerifier = verifierNames.flatMap((verifier) =>
  runnable
    .filter((alg) => refusedAlgorithm(verifier, alg) === undefined)
    .map((alg) => [`jwt:alg=${alg},verifier=${verifier}`, 'unknown critical header']),
)

/** An attack that must have been made for the result to mean something. */
const decisive = [
  ...everyVerifier,
  ['jwt:alg=HS256,key=bytes', 'alg none'],
  ['jwt:alg=ES256,key=keyobject', 'signature of zeros'],
  ['jwt:alg=HS256,verifier=jsonwebtoken,key=bytes', 'wrong type'],
  ['jwt:alg=RS256,verifier=jsonwebtoken,key=pem', 'public key as HMAC secret, PEM'],
  ['jwt:alg=RS256,verifier=node,key=pem', 'public key as HMAC secret, DER'],
  ['jwt:alg=HS256,verifier=node,key=bytes', 'other algorithm, same key'],
  ['jwt:alg=ES256,build=per-request', 'forged, key in its own header'],
  ['jwt:alg=ES256,verifier=node,build=per-request', 'forged, certificate in its own header'],
  ['jwt:alg=EdDSA,verifier=fast-jwt,build=per-request', 'algorithm of another key'],
  ['jwt:alg=HS256,cache=100', 'expired'],
  ['jwt:alg=ES256,cache=100,verifier=fast-jwt', 'not valid yet'],
  ['jwt:alg=HS256,denylist=postgres', 'revoked'],
  ['jwt:alg=HS256,denylist=postgres,cache=100,transport=bearer', 'revoked'],
  ['jwt:alg=HS256,denylist=memory', 'expired'],
  ['jwt:alg=ES256,previousKeys=2', 'unknown key id'],
  ['jwt:alg=HS256,claims=4000', 'oversized'],
  ['jwt:alg=ES256,issuer=remote', 'forged, address of a key in its own header'],
  ['jwt:alg=RS256,issuer=remote,verifier=node', 'public key as HMAC secret, PEM'],
  ['jwt:alg=ES256', 'refresh token used again'],
  ['jwt:alg=HS256,transport=bearer', 'refresh token after logging out'],
  ['jwt:alg=ES256,issuer=remote', 'refresh token of a family in which one was used again'],
  ['jwt:alg=HS256,denylist=memory,cache=100', 'access token of a family in which a refresh token was used again'],
  [
    'jwt:alg=HS256,denylist=postgres,transport=bearer',
    'access token of a family in which a refresh token was used again',
  ],
  ['jwt:alg=HS256,verifier=jsonwebtoken', 'key id that leads to an empty file'],
  ['jwt:alg=RS256,verifier=fast-jwt', 'issuer in a list'],
  ['sealed', 'sealed with another key'],
  ['sealed:key=bytes', 'not encrypted, enc none'],
]

it('ML-DSA is among the algorithms, or refused with what it needs', () => {
  const required = (process.env.AUTHCOST_REQUIRE ?? '').split(',').includes('ml-dsa')
  const ofMlDsa = algorithmNames.filter((alg) => algorithms[alg].family === 'ML-DSA')
  if (required || mlDsaAvailable) expect(runnable).toEqual(expect.arrayContaining(ofMlDsa))
  else for (const alg of ofMlDsa) expect(() => parseVariant(`jwt:alg=${alg}`)).toThrow(/needs Node/)
})

// Two at a time (maxConcurrency), and no more: a process hashes two passwords at once, and refuses a third.
it.concurrent.each(decisive)('%s passes every attack, "%s" among them', async (text = '', attack = '') => {
  const checks = await gateOf(text)
  expect(checks.filter((check) => !check.passed)).toEqual([])
  expect(checks.map((check) => check.attack)).toContain(attack)
})
