import {
  constants,
  createHmac,
  createPublicKey,
  createSecretKey,
  type KeyObject,
  timingSafeEqual,
  verify as verifyWithKey,
} from 'node:crypto'
import { AuthcostError } from '../../../contract/errors.ts'
import type { Refusal } from '../../../contract/strategy.ts'
import { type AlgorithmName, algorithms } from '../algorithms.ts'
import { checkClaims } from '../check-claims.ts'
import type { KeyForm } from '../key-forms.ts'
import type { KeyMaterial, MakeKeyVerifier, Payload } from '../key-verifier.ts'
import type { TokenRules } from '../token-rules.ts'

const malformed: Refusal = { refused: 'malformed' }
const invalid: Refusal = { refused: 'invalid' }

/** Whether an encoded signature over `signed` is good. */
export type SignatureCheck = (signed: string, encodedSignature: string) => boolean

/**
 * Verification with `node:crypto` and nothing else: the floor under every library. Takes the compact form apart (RFC
 * 7515 section 5.2), checks the signature over it as it was sent, and only then reads the payload.
 */
export function nodeCryptoVerifier(rules: TokenRules, form: KeyForm): MakeKeyVerifier {
  return (material) => {
    const isSignature = signatureCheck(rules.alg, keyOf(material, form))
    return (token) => {
      const dot = token.lastIndexOf('.')
      const start = token.indexOf('.') + 1
      if (start === 0 || dot <= start || token.indexOf('.', start) !== dot) return malformed
      if (!isSignature(token.slice(0, dot), token.slice(dot + 1))) return invalid
      const payload = decodePayload(token.slice(start, dot))
      return payload === undefined ? malformed : checkClaims(payload, rules, Date.now())
    }
  }
}

/** How each family's signature is checked, with a key that is ready. */
export function signatureCheck(alg: AlgorithmName, key: KeyObject | Buffer | string): SignatureCheck {
  const algorithm = algorithms[alg]
  if (algorithm.family === 'HMAC') {
    // Compared as text: an encoding with spare bits or foreign characters is another text, and not the signature.
    return (signed, encoded) => {
      const expected = Buffer.from(createHmac(algorithm.digest, key).update(signed).digest('base64url'))
      const actual = Buffer.from(encoded)
      return actual.length === expected.length && timingSafeEqual(actual, expected)
    }
  }
  if (Buffer.isBuffer(key)) throw new AuthcostError('jwt.key', `${alg} is verified with a public key, not with bytes.`)
  const how = paddingOf(alg)
  const input = typeof key === 'string' ? { key, ...how } : { key, ...how }
  const digest = algorithm.family === 'OKP' || algorithm.family === 'ML-DSA' ? null : algorithm.digest
  const length = algorithm.family === 'RSA' ? undefined : algorithm.signatureBytes
  return (signed, encoded) => {
    if (!/^[A-Za-z0-9_-]+$/.test(encoded)) return false
    const signature = Buffer.from(encoded, 'base64url')
    if (length !== undefined && signature.length !== length) return false
    return verifyWithKey(digest, Buffer.from(signed), input, signature)
  }
}

function paddingOf(alg: AlgorithmName): {
  readonly padding?: number
  readonly saltLength?: number
  readonly dsaEncoding?: 'ieee-p1363'
} {
  const algorithm = algorithms[alg]
  // JWS has the two numbers of an ECDSA signature side by side, not in DER (RFC 7518 section 3.4).
  if (algorithm.family === 'EC') return { dsaEncoding: 'ieee-p1363' }
  if (algorithm.family !== 'RSA' || algorithm.padding === 'pkcs1') return {}
  // The salt is as long as the hash (RFC 7518 section 3.5).
  return { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
}

function decodePayload(encoded: string): Payload | undefined {
  try {
    const payload: unknown = JSON.parse(Buffer.from(encoded, 'base64url').toString())
    return isObject(payload) ? payload : undefined
  } catch {
    return undefined
  }
}

const isObject = (value: unknown): value is Payload =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function keyOf(key: KeyMaterial, form: KeyForm): KeyObject | Buffer | string {
  if (form === 'keyobject') return key.kind === 'secret' ? createSecretKey(key.bytes) : createPublicKey(key.pem)
  if (form === 'bytes' && key.kind === 'secret') return key.bytes
  if (form === 'pem' && key.kind === 'public') return key.pem
  throw new AuthcostError('jwt.key', `node:crypto does not take a ${key.kind} key as ${form}.`)
}
