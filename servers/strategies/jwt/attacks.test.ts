import { createHmac, createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto'
import { exportJWK, SignJWT } from 'jose'
import { afterAll, describe, expect, it } from 'vitest'
import { serverWith } from '../../app/strategy-under-test.fixture.ts'
import { seededIdentity } from '../../contract/identity.ts'
import { tokenAudience, tokenIssuer, tokenType } from '../../contract/token-claims.ts'
import { algorithmNames, algorithms, hasMlDsa } from './algorithms.ts'

const rsa = await serverWith('jwt:alg=RS256')
const ec = await serverWith('jwt:alg=ES256')
const bearer = await serverWith('jwt:alg=ES256,transport=bearer')
afterAll(() => Promise.all([rsa, ec, bearer].map(({ app }) => app.close())))

const cookie = (token: string): string => `__Host-authcost-access=${token}`
const status = async (header: string, { app } = ec): Promise<number> =>
  (await app.inject({ url: '/me', headers: { cookie: header } })).statusCode

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

const goodClaims = (): Record<string, unknown> => ({
  sub: '7',
  username: 'user-7',
  role: 'member',
  fid: 'f0000000-0000-4000-8000-000000000000',
  jti: 'j',
  iss: tokenIssuer,
  aud: tokenAudience,
  iat: Math.floor(Date.now() / 1000),
  exp: Math.floor(Date.now() / 1000) + 60,
})

/** A token signed with the server's own key, different from a good one in what is given. */
const signed = (claims: Record<string, unknown>, header: Record<string, unknown> = {}): Promise<string> =>
  new SignJWT({ ...goodClaims(), ...claims })
    .setProtectedHeader({ alg: 'ES256', typ: tokenType, kid: ec.secrets.kid ?? '', ...header })
    .sign(createPrivateKey(ec.secrets.signingKey ?? ''))

const { node, openssl } = process.versions
const runnable = algorithmNames.filter((name) => algorithms[name].family !== 'ML-DSA' || hasMlDsa({ node, openssl }))

describe('a good token', () => {
  it.each(runnable)('is accepted (%s)', async (alg) => {
    const server = await serverWith(`jwt:alg=${alg}`)
    const [headers] =
      (await server.strategy.seededCredentials?.([seededIdentity(7)], { nowMs: Date.now(), lifetimeS: 60 })) ?? []
    expect(await status(headers?.cookie ?? '', server)).toBe(200)
    await server.app.close()
  })

  it('made by the tests is accepted, so that the attacks below fail for their own reason', async () => {
    expect(await status(cookie(await signed({})))).toBe(200)
  })
})

describe('refused with 401', () => {
  const inAMinute = Math.floor(Date.now() / 1000) + 60
  it.each<[string, Record<string, unknown>, Record<string, unknown>?]>([
    ['wrong issuer', { iss: 'https://evil.invalid' }],
    ['no issuer', { iss: undefined }],
    ['wrong audience', { aud: 'other' }],
    ['expired', { iat: 1, exp: 2 }],
    ['no expiry', { exp: undefined }],
    ['not yet valid', { nbf: inAMinute }],
    ['no subject', { sub: undefined }],
    ['a subject that is no id', { sub: '7; DROP TABLE users' }],
    ['another type', {}, { typ: 'JWT' }],
    ['no type', {}, { typ: undefined }],
    ['unknown kid', {}, { kid: 'other' }],
    ['no kid', {}, { kid: undefined }],
  ])('%s', async (_name, claims, header) => {
    expect(await status(cookie(await signed(claims, header)))).toBe(401)
  })

  it('alg none', async () => {
    for (const alg of ['none', 'None', '']) {
      const head = encode({ alg, typ: tokenType, kid: ec.secrets.kid })
      expect(await status(cookie(`${head}.${encode(goodClaims())}.`))).toBe(401)
      expect(await status(cookie(`${head}.${encode(goodClaims())}.AA`))).toBe(401)
    }
  })

  it('the public RSA key used as an HMAC secret', async () => {
    const input = `${encode({ alg: 'HS256', typ: tokenType, kid: rsa.secrets.kid })}.${encode(goodClaims())}`
    for (const secret of [rsa.secrets.verificationKey ?? '', (rsa.secrets.verificationKey ?? '').trim()]) {
      expect(
        await status(cookie(`${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`), rsa),
      ).toBe(401)
    }
  })

  it('another key, also when the token brings it along', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    for (const more of [
      {},
      { jwk: await exportJWK(createPublicKey(publicKey.export({ type: 'spki', format: 'pem' }))) },
    ]) {
      const token = await new SignJWT(goodClaims())
        .setProtectedHeader({ alg: 'ES256', typ: tokenType, kid: ec.secrets.kid ?? '', ...more })
        .sign(privateKey)
      expect(await status(cookie(token))).toBe(401)
    }
  })

  it('a tampered payload, a tampered signature, a signature of zeros', async () => {
    const [head = '', , signature = ''] = (await signed({})).split('.')
    const admin = encode({ ...goodClaims(), role: 'admin' })
    const payload = (await signed({})).split('.')[1] ?? ''
    expect(await status(cookie(`${head}.${admin}.${signature}`))).toBe(401)
    expect(await status(cookie(`${head}.${payload}.${Buffer.alloc(64).toString('base64url')}`))).toBe(401)
    expect(await status(cookie(`${head}.${payload}.`))).toBe(401)
  })

  it('the good token twice, or beside another', async () => {
    const token = await signed({})
    expect(await status(`${cookie(token)}; ${cookie(token)}`)).toBe(401)
    expect(await status(`${cookie('x')}; ${cookie(token)}`)).toBe(401)
  })

  it('an oversized token, though its signature is good', async () => {
    expect(await status(cookie(await signed({ padding: 'x'.repeat(8192) })))).toBe(401)
  })

  it.each(['', 'x', 'a.b', 'a.b.c', '..', 'a.b.c.d.e', '%00'])('garbage: %j', async (token) => {
    expect(await status(cookie(token))).toBe(401)
  })

  it('a good token in the place of the other transport', async () => {
    const token = await signed({})
    expect((await ec.app.inject({ url: '/me', headers: { authorization: `Bearer ${token}` } })).statusCode).toBe(401)
    const [headers] =
      (await bearer.strategy.seededCredentials?.([seededIdentity(7)], { nowMs: Date.now(), lifetimeS: 60 })) ?? []
    const good = headers?.authorization ?? ''
    const ask = async (sent: Record<string, string>): Promise<number> =>
      (await bearer.app.inject({ url: '/me', headers: sent })).statusCode
    expect(await ask({ authorization: good })).toBe(200)
    expect(await ask({ cookie: cookie(good.slice('Bearer '.length)) })).toBe(401)
    expect(await ask({ authorization: good.replace('Bearer', 'Basic') })).toBe(401)
    expect(await ask({ authorization: `${good} ${good}` })).toBe(401)
  })
})
