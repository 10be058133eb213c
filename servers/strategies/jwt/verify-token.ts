import type { Refusal } from '../../contract/strategy.ts'
import { type AccessClaims, isExpired, readClaims, type TokenVerifier } from './access-token.ts'
import type { HeaderGate } from './header-gate.ts'
import type { KeyVerifier, Payload } from './key-verifier.ts'
import type { TokenRules } from './token-rules.ts'

/** The keys that are accepted now, each as a ready verifier. A promise where it has to be fetched first. */
export interface KeySource {
  find(kid: string): KeyVerifier | undefined | Promise<KeyVerifier | undefined>
}

const unknownKey: Refusal = { refused: 'invalid' }
const expired: Refusal = { refused: 'expired' }

const isRefusal = (result: Payload | Refusal): result is Refusal => typeof result.refused === 'string'

/**
 * Reads the claims of what a verifier answered, and holds the expiry against the clock: libraries differ by up to a second
 * about the last moment of a token; here they are all alike.
 */
export const claimsReader =
  ({ expiry }: Pick<TokenRules, 'expiry'>): ((result: Payload | Refusal) => AccessClaims | Refusal) =>
  (result) => {
    if (isRefusal(result)) return result
    const claims = readClaims(result)
    if (expiry === 'checked' && 'expiresAtS' in claims && isExpired(claims.expiresAtS, Date.now())) return expired
    return claims
  }

/** The whole check of an access token: header, key, signature and claims, in this order. */
export function tokenVerifier(gate: HeaderGate, keys: KeySource, rules: Pick<TokenRules, 'expiry'>): TokenVerifier {
  const read = claimsReader(rules)
  const check = (verify: KeyVerifier | undefined, token: string): ReturnType<TokenVerifier> => {
    if (verify === undefined) return unknownKey
    const result = verify(token)
    return result instanceof Promise ? result.then(read) : read(result)
  }
  return (token) => {
    const kid = gate(token)
    if (typeof kid !== 'string') return kid
    const verify = keys.find(kid)
    return verify instanceof Promise ? verify.then((found) => check(found, token)) : check(verify, token)
  }
}
