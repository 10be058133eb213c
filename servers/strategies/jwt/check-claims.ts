import type { Refusal } from '../../contract/strategy.ts'
import { isExpired } from './access-token.ts'
import type { Payload } from './key-verifier.ts'
import type { TokenRules } from './token-rules.ts'

const invalid: Refusal = { refused: 'invalid' }
const malformed: Refusal = { refused: 'malformed' }
const expired: Refusal = { refused: 'expired' }

/** Issuer, audience and times of a payload whose signature is good (RFC 7519 section 4.1). */
export function checkClaims(payload: Payload, rules: TokenRules, nowMs: number): Payload | Refusal {
  const { iss, aud, exp, nbf } = payload
  if (iss !== rules.issuer) return invalid
  if (rules.audience !== undefined && aud !== rules.audience && !(Array.isArray(aud) && aud.includes(rules.audience))) {
    return invalid
  }
  if (nbf !== undefined && (typeof nbf !== 'number' || nbf * 1000 > nowMs)) return invalid
  if (typeof exp !== 'number') return malformed
  return rules.expiry === 'checked' && isExpired(exp, nowMs) ? expired : payload
}
