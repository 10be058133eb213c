import { tokenAudience, tokenIssuer, tokenType } from '../../contract/token-claims.ts'
import type { AlgorithmName } from './algorithms.ts'

/** What a token has to be. Every verifier enforces all of it, by its own means where it has them. */
export interface TokenRules {
  /** The one algorithm (RFC 8725 section 3.1); the token's header must agree. */
  readonly alg: AlgorithmName
  /** Media type without `application/` (RFC 8725 section 3.11); undefined: not looked at. */
  readonly type: string | undefined
  /** Compared exactly (RFC 8725 section 3.8). */
  readonly issuer: string
  /** Must be among the token's audiences (section 3.9); undefined: not looked at. */
  readonly audience: string | undefined
  /** `ignored`: for a logout, to which an expired token is as good as any. */
  readonly expiry: 'checked' | 'ignored'
}

/** The rules for access tokens of this project (RFC 9068 section 4). */
export const accessTokenRules = (alg: AlgorithmName, expiry: TokenRules['expiry'] = 'checked'): TokenRules => ({
  alg,
  type: tokenType,
  issuer: tokenIssuer,
  audience: tokenAudience,
  expiry,
})
