import type { Identity } from '../../contract/identity.ts'
import type { Refusal } from '../../contract/strategy.ts'

/** Who an access token is made for. */
export interface TokenSubject {
  readonly user: Identity
  /** Family of refresh tokens this token belongs to (`fid`). */
  readonly familyId: string
}

/** What an access token says that is of use later. `iss`, `aud`, `iat` and `jti` have to be there too. */
export interface AccessClaims extends TokenSubject {
  /** `exp`, seconds since the epoch. */
  readonly expiresAtS: number
}

/** Checks everything about a token: header, signature, claims. Synchronous where its library is. */
export type TokenVerifier = (token: string) => AccessClaims | Refusal | Promise<AccessClaims | Refusal>

/** Makes signed tokens, one a subject, issued at `nowMs` (epoch milliseconds), that expire `lifetimeS` seconds later. */
export type TokenSigner = (
  subjects: readonly TokenSubject[],
  nowMs: number,
  lifetimeS: number,
) => Promise<readonly string[]>

const malformed: Refusal = { refused: 'malformed' }

/** The current time must be before the expiry, not at it (RFC 7519 section 4.1.4). */
export const isExpired = (expiresAtS: number, nowMs: number): boolean => nowMs >= expiresAtS * 1000

/** Reads the claims of a payload whose signature is good; a payload of another shape is none of ours. */
export function readClaims(payload: Readonly<Record<string, unknown>>): AccessClaims | Refusal {
  const { sub, username, role, fid, jti, exp, iat } = payload
  const userId = typeof sub === 'string' ? Number(sub) : 0
  if (
    (userId | 0) !== userId ||
    userId < 1 ||
    typeof username !== 'string' ||
    typeof role !== 'string' ||
    typeof fid !== 'string' ||
    typeof jti !== 'string' ||
    typeof exp !== 'number' ||
    typeof iat !== 'number'
  ) {
    return malformed
  }
  return { user: { userId, username, role }, familyId: fid, expiresAtS: exp }
}
