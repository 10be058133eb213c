import { describe, expect, it } from 'vitest'
import { parseVariant } from '../table.ts'
import { hasMlDsa } from './algorithms.ts'

describe('a variant', () => {
  it.each([
    ['jwt:alg=ES256,key=cryptokey', 'jwt:alg=ES256'],
    ['jwt:verifier=jsonwebtoken,key=keyobject', 'jwt:alg=HS256,verifier=jsonwebtoken'],
    ['jwt:verifier=fast-jwt,key=bytes,build=once', 'jwt:alg=HS256,verifier=fast-jwt'],
    ['jwt:verifier=fast-jwt,alg=RS256,key=pem', 'jwt:alg=RS256,verifier=fast-jwt'],
    ['jwt:verifier=jsonwebtoken,key=bytes', 'jwt:alg=HS256,key=bytes,verifier=jsonwebtoken'],
  ])('%s with the best form of key named is %s', (text, id) => {
    expect(parseVariant(text).id).toBe(id)
    expect(parseVariant(id)).toEqual(parseVariant(text))
  })

  it.each([
    ['jwt:verifier=jsonwebtoken,alg=EdDSA', /verifier.*jose or fast-jwt or node/],
    ['jwt:verifier=fast-jwt,key=cryptokey', /fast-jwt takes key=bytes/],
    ['jwt:alg=RS256,key=pem', /jose takes key=cryptokey, keyobject/],
    ['jwt:verifier=node,alg=ES256,key=bytes', /node:crypto takes key=keyobject, pem/],
    ['jwt:issuer=remote', /HS256 has one secret/],
    ['jwt:alg=RS256,modulus=8192,claims=4096', undefined],
    ['jwt:cache=-1', /cache/],
    ['jwt:claims=9999', /claims/],
  ])('%s is refused with what to do, where it is impossible', (text, message) => {
    if (message === undefined) expect(parseVariant(text).strategy).toBe('jwt')
    else expect(() => parseVariant(text)).toThrow(message)
  })

  it.each([
    ['jwt', 'at-expiry'],
    ['jwt:cache=1000', 'at-expiry'],
    ['jwt:denylist=memory', 'within'],
    ['jwt:denylist=postgres,cache=10', 'next-request'],
    ['sealed', 'at-expiry'],
  ])('%s promises revocation %s', (text, kind) => {
    expect(parseVariant(text).traits.revocation.kind).toBe(kind)
  })

  it('needs an issuer where it is remote', () => {
    expect(parseVariant('jwt:alg=ES256,issuer=remote').needs).toContain('issuer')
    expect(parseVariant('jwt:alg=ES256').needs).not.toContain('issuer')
  })
})

describe('warnings', () => {
  it.each([
    ['jwt', []],
    ['jwt:alg=ES256,verifier=node', []],
    ['jwt:alg=RS256,key=keyobject', []],
    ['jwt:key=bytes', ['jwt.key-reimported']],
    ['jwt:key=keyobject', ['jwt.key-reimported']],
    ['jwt:verifier=jsonwebtoken,key=bytes', ['jwt.key-reimported']],
    ['jwt:verifier=node,alg=RS256,key=pem', ['jwt.key-reimported']],
    ['jwt:build=per-request', ['jwt.verifier-per-request']],
    ['jwt:claims=4000', ['jwt.cookie-too-large']],
    ['jwt:claims=4000,transport=bearer', []],
    ['sealed:key=bytes', ['sealed.key-reimported']],
  ])('of %s: %j', (text, codes) => {
    expect(parseVariant(text).warnings.map(({ code }) => code)).toEqual(codes)
  })
})

it.each([
  ['20.20.2', '3.0.19', false],
  ['24.6.0', '3.5.2', false],
  ['24.7.0', '3.5.2', true],
  ['24.7.0', '3.0.15', false],
  ['26.0.0', '4.0.0', true],
])('ML-DSA with Node %s and OpenSSL %s: %s', (node, openssl, has) => {
  expect(hasMlDsa({ node, openssl })).toBe(has)
})
