import { generateKeyPairSync, sign } from 'node:crypto'

/** One element of DER: tag, length, content (X.690 section 8.1; lengths from 128 on in the long form). */
function element(tag: number, ...content: readonly Uint8Array[]): Uint8Array {
  const bytes = Buffer.concat(content)
  const { length } = bytes
  const long = length < 0x80 ? [] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...(long.length === 0 ? [length] : long)]), bytes])
}

const sequence = (...content: readonly Uint8Array[]): Uint8Array => element(0x30, ...content)
/** UTCTime, which is good until 2049 (RFC 5280 section 4.1.2.5.1). */
const time = (date: Date): Uint8Array =>
  element(0x17, Buffer.from(`${date.toISOString().replace(/\D/g, '').slice(2, 14)}Z`))

/** 2.5.4.3, the common name. */
const commonName = Buffer.from('0603550403', 'hex')
const name = (text: string): Uint8Array =>
  sequence(element(0x31, sequence(commonName, element(0x0c, Buffer.from(text)))))

/** 1.2.840.10045.4.3.2, ECDSA with SHA-256. */
const ecdsaWithSha256 = sequence(Buffer.from('06082a8648ce3d040302', 'hex'))

const dayMs = 86_400_000

/**
 * A certificate of X.509 for a public key, good today, of an issuer that nobody knows (RFC 5280 section 4.1): what
 * whoever holds that key can put into a token's `x5c`. Node reads certificates and makes none.
 *
 * @param spki the key as SubjectPublicKeyInfo, DER.
 * @returns DER
 */
export function certificateFor(spki: Uint8Array): Uint8Array {
  const issuer = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const now = Date.now()
  const toBeSigned = sequence(
    // Version 3.
    element(0xa0, element(0x02, Buffer.from([2]))),
    element(0x02, Buffer.from([1])),
    ecdsaWithSha256,
    name('authority.invalid'),
    sequence(time(new Date(now - dayMs)), time(new Date(now + dayMs))),
    name('keys.invalid'),
    spki,
  )
  const signature = sign('sha256', toBeSigned, issuer.privateKey)
  return sequence(toBeSigned, ecdsaWithSha256, element(0x03, Buffer.from([0]), signature))
}
