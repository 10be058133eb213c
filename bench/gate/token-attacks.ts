import { createPublicKey, type KeyObject } from 'node:crypto'
import type { CredentialTraits } from '../../servers/contract/strategy.ts'
import type { Attack, AttackContext } from './attack.ts'
import { certificateFor } from './certificate.ts'
import { headersCarrying } from './credential.ts'
import { type ForeignKey, foreignKey, signWithSecret, unknownCritical } from './signing-key.ts'
import { algorithmOf, encodePart, firstBitFlipped, type JsonObject, type Token } from './token.ts'

const isToken = (traits: CredentialTraits): boolean => traits.form === 'jwt'
const isAsymmetric = (traits: CredentialTraits): boolean => isToken(traits) && !traits.algorithm?.startsWith('HS')

/** A row whose credential is another token made of the good one. */
function tokenAttack(
  name: string,
  make: (token: Token, context: AttackContext) => Promise<string | undefined> | string | undefined,
  options: Partial<Pick<Attack, 'expected' | 'applies' | 'needs'>> = {},
): Attack {
  return {
    name,
    needs: options.needs ?? 'token',
    expected: options.expected ?? 'refuse',
    applies: options.applies ?? isToken,
    async forge(context) {
      const made = context.token === undefined ? undefined : await make(context.token, context)
      return made === undefined ? undefined : headersCarrying(context.traits.carrier, made)
    },
  }
}

/** A row whose token is correctly signed with the server's own key, its claims changed. */
const signedWithClaims = (name: string, change: (claims: JsonObject) => JsonObject): Attack =>
  tokenAttack(name, (token, { sign }) => sign?.(token.header, change(token.claims)), { needs: 'signing key' })

/** The same, its header changed. */
const signedWithHeader = (name: string, change: (header: JsonObject) => JsonObject | undefined): Attack =>
  tokenAttack(
    name,
    (token, { sign }) => {
      const header = change(token.header)
      return header === undefined ? undefined : sign?.(header, token.claims)
    },
    { needs: 'signing key' },
  )

/** `alg: none` in the spellings that a case-sensitive check lets through (RFC 8725 section 2.1). */
const unsigned = ['none', 'None', 'NONE'].map((alg) =>
  tokenAttack(`alg ${alg}`, ({ header, claims }) => `${encodePart({ ...header, alg })}.${encodePart(claims)}.`),
)

/** A published key in a form that a confused verifier may take for the bytes of an HMAC secret. */
const publicKeyAsSecret = (form: string, bytesOf: (jwk: JsonObject) => Uint8Array): Attack =>
  tokenAttack(
    `public key as HMAC secret, ${form}`,
    ({ header, claims }, { jwks }) => {
      const jwk = jwks.find((key) => key.kid === header.kid) ?? jwks[0]
      return jwk === undefined ? undefined : signWithSecret(bytesOf(jwk))({ ...header, alg: 'HS256' }, claims)
    },
    { applies: isAsymmetric },
  )

/** A token signed with the attacker's key, which its header brings along or points to (RFC 8725 section 3.10). */
const bringsKey = (
  what: string,
  change: (header: JsonObject, key: NonNullable<ForeignKey['published']>) => JsonObject,
): Attack =>
  tokenAttack(
    `forged, ${what} in its own header`,
    async ({ header, claims }) => {
      const { sign, published } = await foreignKey(algorithmOf(header))
      return published === undefined ? undefined : sign(change(header, published), claims)
    },
    { applies: isAsymmetric },
  )

const publicKeyOf = (jwk: JsonObject): KeyObject => createPublicKey({ key: jwk, format: 'jwk' })

/** An algorithm that the same key can be used with, so that only a pinned `alg` refuses it (RFC 8725 section 3.1). */
const sibling: Readonly<Record<string, string>> = {
  HS256: 'HS512',
  HS384: 'HS256',
  HS512: 'HS256',
  RS256: 'PS256',
  RS384: 'PS384',
  RS512: 'PS512',
  PS256: 'RS256',
  PS384: 'RS384',
  PS512: 'RS512',
}

/** Algorithms whose signatures have the same length. */
const lookalike: Readonly<Record<string, string>> = { EdDSA: 'ES256', ES256: 'EdDSA' }

/** The algorithm itself where it is an HMAC, else the one that a confused verifier would take. */
function hmacOf(header: JsonObject): string {
  const alg = algorithmOf(header)
  return alg.startsWith('HS') ? alg : 'HS256'
}

function without(object: JsonObject, name: string): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([key]) => key !== name))
}

/** What a signed token has to withstand beyond that (RFC 8725, RFC 9068 section 4). */
export const tokenAttacks: readonly Attack[] = [
  // Shows that the forging below is well-formed: else all of it could be refused for its encoding.
  tokenAttack('signed again, unchanged', ({ header, claims }, { sign }) => sign?.(header, claims), {
    expected: 'accept',
    needs: 'signing key',
  }),
  tokenAttack('forged, wrong key', async ({ header, claims }) =>
    (await foreignKey(algorithmOf(header))).sign(header, claims),
  ),
  bringsKey('key', (header, { jwk }) => ({ ...without(header, 'kid'), jwk })),
  bringsKey('address of a key', (header) => ({ ...header, jku: 'https://keys.invalid/jwks.json' })),
  bringsKey('certificate', (header, { spki }) => ({
    ...header,
    x5c: [Buffer.from(certificateFor(spki)).toString('base64')],
  })),
  bringsKey('address of a certificate', (header) => ({ ...header, x5u: 'https://keys.invalid/certificate.pem' })),
  // A secret that is not there, or is read from where the id of the key leads (RFC 8725 section 3.10).
  tokenAttack('empty secret', ({ header, claims }) =>
    signWithSecret(Buffer.alloc(0))({ ...header, alg: hmacOf(header) }, claims),
  ),
  tokenAttack('key id that leads to an empty file', ({ header, claims }) =>
    signWithSecret(Buffer.alloc(0))({ ...header, alg: hmacOf(header), kid: '../../../../../../dev/null' }, claims),
  ),
  tokenAttack('SQL in the key id', ({ header, claims }) =>
    signWithSecret(Buffer.from('chosen'))({ ...header, alg: hmacOf(header), kid: "x' UNION SELECT 'chosen" }, claims),
  ),
  ...unsigned,
  // The bytes of a signature by one algorithm, under the name of another whose signatures are as long.
  tokenAttack('algorithm of another key', ({ header, claims, signature }) => {
    const alg = lookalike[algorithmOf(header)]
    return alg === undefined ? undefined : `${encodePart({ ...header, alg })}.${encodePart(claims)}.${signature}`
  }),
  // Truly signed, by a key of another algorithm: not to be accepted, nor to be a failure (500) over a key of another kind.
  tokenAttack(
    'forged, by another algorithm',
    async ({ header, claims }) => {
      const alg = algorithmOf(header) === 'ES256' ? 'EdDSA' : 'ES256'
      return (await foreignKey(alg)).sign({ ...header, alg }, claims)
    },
    { applies: isAsymmetric },
  ),
  publicKeyAsSecret('PEM', (jwk) => Buffer.from(publicKeyOf(jwk).export({ type: 'spki', format: 'pem' }))),
  publicKeyAsSecret('DER', (jwk) => publicKeyOf(jwk).export({ type: 'spki', format: 'der' })),
  publicKeyAsSecret('JWK', (jwk) => Buffer.from(JSON.stringify(jwk))),
  tokenAttack('tampered payload', ({ header, signature }, { otherToken }) =>
    otherToken === undefined ? undefined : `${encodePart(header)}.${encodePart(otherToken.claims)}.${signature}`,
  ),
  tokenAttack('tampered signature', ({ signed, signature }) => `${signed}.${firstBitFlipped(signature)}`),
  // CVE-2022-21449: r = s = 0 made every ECDSA signature good.
  tokenAttack('signature of zeros', ({ signed, signature }) => {
    const { length } = Buffer.from(signature, 'base64url')
    return `${signed}.${Buffer.alloc(length).toString('base64url')}`
  }),
  tokenAttack('signature removed', ({ signed }) => `${signed}.`),
  signedWithClaims('wrong audience', (claims) => ({ ...claims, aud: 'https://elsewhere.invalid' })),
  signedWithClaims('no audience', (claims) => without(claims, 'aud')),
  signedWithClaims('wrong issuer', (claims) => ({ ...claims, iss: 'https://elsewhere.invalid' })),
  // Lists in which the right name stands too: CVE-2025-30144 accepted such an issuer.
  signedWithClaims('issuer in a list', (claims) => ({ ...claims, iss: ['https://elsewhere.invalid', claims.iss] })),
  signedWithClaims('no subject', (claims) => without(claims, 'sub')),
  signedWithClaims('expiry as text', (claims) => ({ ...claims, exp: String(claims.exp) })),
  signedWithClaims('no expiry', (claims) => without(claims, 'exp')),
  signedWithClaims('not valid yet', (claims) => ({ ...claims, nbf: Math.floor(Date.now() / 1000) + 3_600 })),
  signedWithClaims('subject is no user', (claims) => ({ ...claims, sub: 'user' })),
  // A token of another kind (an id token, say) of the same issuer; only where the good one names its kind.
  signedWithHeader('wrong type', (header) => (header.typ === 'at+jwt' ? { ...header, typ: 'JWT' } : undefined)),
  signedWithHeader('unknown key id', (header) => ('kid' in header ? { ...header, kid: 'unknown' } : undefined)),
  signedWithHeader('other algorithm, same key', (header) => {
    const alg = sibling[algorithmOf(header)]
    return alg === undefined ? undefined : { ...header, alg }
  }),
  signedWithHeader('unknown critical header', (header) => ({
    ...header,
    crit: [unknownCritical],
    [unknownCritical]: 1,
  })),
]
