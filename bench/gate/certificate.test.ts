import { createPublicKey, generateKeyPairSync, type KeyObject, X509Certificate } from 'node:crypto'
import { expect, it } from 'vitest'
import { certificateFor } from './certificate.ts'

const keys: readonly [string, KeyObject][] = [
  ['Ed25519', generateKeyPairSync('ed25519').publicKey],
  ['P-256', generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey],
  ['RSA', generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey],
]

it.each(keys)('is a certificate of the %s key, good today', (_name, key) => {
  const certificate = new X509Certificate(certificateFor(key.export({ type: 'spki', format: 'der' })))
  expect(createPublicKey(certificate.publicKey.export({ type: 'spki', format: 'pem' })).equals(key)).toBe(true)
  expect(certificate.subject).toBe('CN=keys.invalid')
  expect(certificate.issuer).toBe('CN=authority.invalid')
  expect(Date.parse(certificate.validFrom)).toBeLessThan(Date.now())
  expect(Date.parse(certificate.validTo)).toBeGreaterThan(Date.now())
})
