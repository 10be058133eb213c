import { createHmac, createPublicKey, KeyObject, randomBytes, timingSafeEqual } from 'node:crypto'
import { CompactSign, type CryptoKey, compactVerify, exportJWK, generateKeyPair, importPKCS8, importSPKI } from 'jose'
import type { Secrets } from '../../servers/contract/strategy.ts'
import { algorithmOf, encodePart, type JsonObject, type Token } from './token.ts'

/** Makes a compact JWS of header and claims; the header's `alg` says how. Undefined where the key does not fit it. */
export type Sign = (header: JsonObject, claims: JsonObject) => Promise<string | undefined>

const hashes: Readonly<Record<string, string>> = { HS256: 'sha256', HS384: 'sha384', HS512: 'sha512' }

/** The critical header parameter that no verifier knows (RFC 7515 section 4.1.11). */
export const unknownCritical = 'authcost-unknown'

/** Signs with an HMAC secret of whatever length: forging must not stop at a library's opinion of the key. */
export function signWithSecret(secret: Uint8Array): Sign {
  return async (header, claims) => {
    const hash = hashes[algorithmOf(header)]
    if (hash === undefined) return undefined
    const signed = `${encodePart(header)}.${encodePart(claims)}`
    return `${signed}.${createHmac(hash, secret).update(signed).digest('base64url')}`
  }
}

function signWithPrivateKey(keyFor: (algorithm: string) => Promise<CryptoKey>): Sign {
  return async (header, claims) => {
    const alg = algorithmOf(header)
    try {
      return await new CompactSign(Buffer.from(JSON.stringify(claims)))
        .setProtectedHeader({ ...header, alg })
        .sign(await keyFor(alg), { crit: { [unknownCritical]: true } })
    } catch {
      // The key does not fit the algorithm: nobody holding it could make such a token.
      return undefined
    }
  }
}

/** A key of the attacker's own. */
export interface ForeignKey {
  readonly sign: Sign
  /** Its public part; undefined where it is a secret. */
  readonly published: { readonly jwk: JsonObject; readonly spki: Uint8Array } | undefined
}

const foreignKeys = new Map<string, Promise<ForeignKey>>()

/** The attacker's key for an algorithm: one for all attacks, since those of RSA take long to make. */
export function foreignKey(algorithm: string): Promise<ForeignKey> {
  const made = foreignKeys.get(algorithm) ?? makeForeignKey(algorithm)
  foreignKeys.set(algorithm, made)
  return made
}

async function makeForeignKey(algorithm: string): Promise<ForeignKey> {
  if (algorithm in hashes) return { sign: signWithSecret(randomBytes(64)), published: undefined }
  const { publicKey, privateKey } = await generateKeyPair(algorithm, { extractable: true })
  return {
    sign: signWithPrivateKey(async () => privateKey),
    published: {
      jwk: { ...(await exportJWK(publicKey)) },
      spki: KeyObject.from(publicKey).export({ type: 'spki', format: 'der' }),
    },
  }
}

/**
 * The server's own signing key among the run's secrets, found by trying which of them made a good token, so that no
 * strategy has to name its secrets in a certain way. Undefined where none did.
 */
export async function findSigningKey(secrets: Secrets, good: Token): Promise<Sign | undefined> {
  const hash = hashes[algorithmOf(good.header)]
  for (const secret of Object.values(secrets)) {
    if (hash !== undefined) {
      for (const bytes of [Buffer.from(secret, 'base64url'), Buffer.from(secret, 'hex'), Buffer.from(secret)]) {
        if (isSecretOf(good, bytes, hash)) return signWithSecret(bytes)
      }
    } else if (await isPrivateKeyOf(good, secret)) return signWithPrivateKey((alg) => importPKCS8(secret, alg))
  }
  return undefined
}

function isSecretOf(good: Token, secret: Uint8Array, hash: string): boolean {
  const expected = createHmac(hash, secret).update(good.signed).digest()
  const actual = Buffer.from(good.signature, 'base64url')
  return actual.length === expected.length && timingSafeEqual(actual, expected)
}

async function isPrivateKeyOf(good: Token, secret: string): Promise<boolean> {
  if (!secret.includes('PRIVATE KEY')) return false
  try {
    const spki = createPublicKey(secret).export({ type: 'spki', format: 'pem' }).toString()
    await compactVerify(`${good.signed}.${good.signature}`, await importSPKI(spki, algorithmOf(good.header)))
    return true
  } catch {
    return false
  }
}
