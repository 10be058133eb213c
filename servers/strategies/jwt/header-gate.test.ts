import { expect, it } from 'vitest'
import { headerGate } from './header-gate.ts'

const gate = headerGate({ alg: 'ES256', type: 'at+jwt' })
const token = (header: unknown): string => `${Buffer.from(JSON.stringify(header)).toString('base64url')}.payload.sig`
const good = { alg: 'ES256', typ: 'at+jwt', kid: 'k1' }

it('names the key of an acceptable header, remembered or not', () => {
  expect([gate(token(good)), gate(token(good))]).toEqual(['k1', 'k1'])
  expect(gate(token({ ...good, kid: 'k2' }))).toBe('k2')
})

it.each(['AT+JWT', 'application/at+jwt'])('knows its type as %s (RFC 7515 section 4.1.9)', (typ) => {
  expect(gate(token({ ...good, typ }))).toBe('k1')
})

it.each([
  ['another algorithm', { alg: 'RS256' }],
  ['alg none', { alg: 'none' }],
  ['another type', { typ: 'JWT' }],
  ['no type', { typ: undefined }],
  ['no key id', { kid: undefined }],
  ['an empty key id', { kid: '' }],
  ['a key id that is no text', { kid: 7 }],
  ['anything critical', { crit: ['exp'], exp: 1 }],
  ['an empty list of critical ones', { crit: [] }],
  ['a key', { jwk: { kty: 'EC' } }],
  ['the address of a key', { jku: 'https://keys.invalid' }],
  ['the address of a certificate', { x5u: 'https://keys.invalid' }],
  ['a certificate', { x5c: ['MII'] }],
])('refuses %s', (_name, change) => {
  expect(gate(token({ ...good, ...change }))).toEqual({ refused: 'invalid' })
})

it.each([
  '',
  '.',
  '.a.b',
  'no dots at all',
  `${'A'.repeat(9000)}.a.b`,
  'ey J.a.b',
  'e30=.a.b',
  'W10.a.b',
  'bnVsbA.a.b',
])('refuses what has no header: %.20s', (text) => {
  expect(gate(text)).toHaveProperty('refused')
})

it('still knows good headers after thousands of others', () => {
  for (let i = 0; i < 5000; i++) gate(token({ ...good, i }))
  expect(gate(token(good))).toBe('k1')
  expect(gate(token({ ...good, alg: 'none' }))).toEqual({ refused: 'invalid' })
})
