import type { Identity } from '../../contract/identity.ts'
import type { Refusal } from '../../contract/strategy.ts'

/** What an access token says, beside `iss`, `aud`, `iat` and `exp`. */
export interface AccessClaims {
  readonly user: Identity
  /** Family of refresh tokens this token belongs to (`fid`). */
  readonly familyId: string
}

/** Checks a token's signature, type, issuer, audience and expiry. Synchronous where its library is. */
export type TokenVerifier = (token: string) => AccessClaims | Refusal | Promise<AccessClaims | Refusal>

/** The same without the expiry: what a logout accepts. */
export type SignatureVerifier = (token: string) => Promise<AccessClaims | Refusal>

/** Makes a signed token that is issued at `nowMs` (epoch milliseconds) and expires `lifetimeS` seconds later. */
export type TokenSigner = (claims: AccessClaims, nowMs: number, lifetimeS: number) => Promise<string>

/** Reads the claims of a payload whose signature is good; a payload of another shape is none of ours. */
export function readClaims(payload: Readonly<Record<string, unknown>>): AccessClaims | Refusal {
  const { sub, username, role, fid } = payload
  const userId = typeof sub === 'string' ? Number(sub) : 0
  if (
    (userId | 0) !== userId ||
    userId < 1 ||
    typeof username !== 'string' ||
    typeof role !== 'string' ||
    typeof fid !== 'string'
  ) {
    return { refused: 'malformed' }
  }
  return { user: { userId, username, role }, familyId: fid }
}
