import type { Attack } from './attack.ts'
import { headersCarrying } from './credential.ts'
import { type SealedToken, unknownCriticalSeal } from './sealing-key.ts'
import { encodePart, firstBitFlipped, type JsonObject } from './token.ts'

/** A row whose credential is another JWE, or something that a careless reader takes for one. */
function sealedAttack(
  name: string,
  make: (token: SealedToken, credential: string) => Promise<string> | string,
  expected: Attack['expected'] = 'refuse',
): Attack {
  return {
    name,
    expected,
    needs: 'sealing key',
    applies: ({ form }) => form === 'sealed',
    async forge({ traits, sealed, credential }) {
      return sealed === undefined ? undefined : headersCarrying(traits.carrier, await make(sealed, credential))
    },
  }
}

const sealedWithClaims = (name: string, change: (claims: JsonObject) => JsonObject): Attack =>
  sealedAttack(name, ({ header, claims, seal }) => seal(header, change(claims)))

/** One part of the compact form, by its place, changed. */
const tampered = (name: string, at: number): Attack =>
  sealedAttack(`tampered ${name}`, (_token, credential) =>
    credential
      .split('.')
      .map((part, i) => (i === at ? firstBitFlipped(part) : part))
      .join('.'),
  )

/** What an encrypted token has to withstand beyond any credential (RFC 7516, RFC 8725). */
export const sealedAttacks: readonly Attack[] = [
  sealedAttack('sealed again, unchanged', ({ header, claims, seal }) => seal(header, claims), 'accept'),
  sealedAttack('sealed with another key', ({ header, claims, sealWithForeignKey }) =>
    sealWithForeignKey(header, claims),
  ),
  tampered('nonce', 2),
  tampered('ciphertext', 3),
  tampered('tag', 4),
  sealedAttack('tag cut to 32 bits', (_token, credential) => {
    const parts = credential.split('.')
    // A tag that a lenient decoder accepts at any length can be guessed.
    return [
      ...parts.slice(0, 4),
      Buffer.from(parts[4] ?? '', 'base64url')
        .subarray(0, 4)
        .toString('base64url'),
    ].join('.')
  }),
  sealedAttack('not encrypted, alg none', ({ claims }) => `${encodePart({ alg: 'none' })}.${encodePart(claims)}.`),
  sealedAttack(
    'not encrypted, enc none',
    ({ header, claims }) => `${encodePart({ ...header, enc: 'none' })}...${encodePart(claims)}.`,
  ),
  sealedWithClaims('wrong audience, sealed', (claims) => ({ ...claims, aud: 'https://elsewhere.invalid' })),
  sealedWithClaims('wrong issuer, sealed', (claims) => ({ ...claims, iss: 'https://elsewhere.invalid' })),
  sealedWithClaims('no expiry, sealed', ({ exp: _, ...claims }) => claims),
  sealedWithClaims('not valid yet, sealed', (claims) => ({ ...claims, nbf: Math.floor(Date.now() / 1000) + 3600 })),
  sealedAttack('wrong type, sealed', ({ header, claims, seal }) => seal({ ...header, typ: 'JWT' }, claims)),
  sealedAttack('unknown critical header, sealed', ({ header, claims, seal }) =>
    seal({ ...header, crit: [unknownCriticalSeal], [unknownCriticalSeal]: 1 }, claims),
  ),
  sealedAttack('compressed, sealed', ({ header, claims, seal }) => seal({ ...header, zip: 'DEF' }, claims)),
]
