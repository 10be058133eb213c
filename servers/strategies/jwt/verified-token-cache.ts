import { hash } from 'node:crypto'
import { type AccessClaims, isExpired } from './access-token.ts'

/**
 * The tokens verified last, so that the next request with one of them computes no signature. Keyed by the SHA-256 of the
 * whole token: a key over less (its `jti`, its signature) would accept a token that was never verified. Bounded: the one
 * used longest ago goes. Refusals are not kept, and a hit looks at the expiry again.
 */
export class VerifiedTokenCache {
  hits = 0
  misses = 0
  readonly #limit: number
  /** In the order of their last use. */
  readonly #entries = new Map<string, AccessClaims>()

  constructor(limit: number) {
    this.#limit = limit
  }

  static keyOf(token: string): string {
    return hash('sha256', token, 'base64url')
  }

  get(key: string, nowMs: number): AccessClaims | undefined {
    const claims = this.#entries.get(key)
    if (claims === undefined) {
      this.misses++
      return undefined
    }
    this.#entries.delete(key)
    if (isExpired(claims.expiresAtS, nowMs)) {
      this.misses++
      return undefined
    }
    this.hits++
    this.#entries.set(key, claims)
    return claims
  }

  set(key: string, claims: AccessClaims): void {
    this.#entries.delete(key)
    if (this.#entries.size >= this.#limit) {
      const { value: oldest } = this.#entries.keys().next()
      if (oldest !== undefined) this.#entries.delete(oldest)
    }
    this.#entries.set(key, claims)
  }

  get size(): number {
    return this.#entries.size
  }
}
