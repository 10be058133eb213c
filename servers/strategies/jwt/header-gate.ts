import { z } from 'zod'
import type { Refusal } from '../../contract/strategy.ts'
import { maximumCredentialLength } from '../../contract/token-claims.ts'
import type { TokenRules } from './token-rules.ts'

/** Says which key a token claims to be signed with (`kid`), or why its header is not acceptable. */
export type HeaderGate = (token: string) => string | Refusal

/** Tokens of one key have one header; a few more for other members and their order. */
const rememberedHeaders = 64

const malformed: Refusal = { refused: 'malformed' }
const invalid: Refusal = { refused: 'invalid' }

/** Parameters that bring or point to a key: none is ever looked at, so a token that needs one is not ours. */
const keyParameters = ['jwk', 'jku', 'x5u', 'x5c']

const headerSchema = z.record(z.string(), z.unknown())

/**
 * The rules about a token's header, the same for every verifier and before any of them: pinned `alg` (RFC 8725 section
 * 3.1), explicit `typ` (3.11), a `kid`, no key in the token (3.10), no `crit`, since nothing critical is understood here
 * (RFC 7515 section 4.1.11). Libraries differ in what of this they check; and what is refused here costs no signature.
 *
 * Headers that passed are remembered by their encoded text: parsing one on each request would be the dearest part of a
 * fast verification. Only the header is judged, so it does not matter that its signature has not been checked yet.
 */
export function headerGate({ alg, type }: Pick<TokenRules, 'alg' | 'type'>): HeaderGate {
  const passed = new Map<string, string>()
  return (token) => {
    if (token.length > maximumCredentialLength) return malformed
    const end = token.indexOf('.')
    if (end < 1) return malformed
    const encoded = token.slice(0, end)
    const known = passed.get(encoded)
    if (known !== undefined) return known
    const header = decodeHeader(encoded)
    if (header === undefined) return malformed
    const { kid } = header
    if (header.alg !== alg || !isOfType(header.typ, type) || typeof kid !== 'string' || kid === '') return invalid
    if ('crit' in header || keyParameters.some((name) => name in header)) return invalid
    // Whoever sends many different headers pays for it with parsing; nobody else is shut out for good.
    if (passed.size >= rememberedHeaders) passed.clear()
    passed.set(encoded, kid)
    return kid
  }
}

function decodeHeader(encoded: string): Readonly<Record<string, unknown>> | undefined {
  if (!/^[A-Za-z0-9_-]+$/.test(encoded)) return undefined
  try {
    return headerSchema.parse(JSON.parse(Buffer.from(encoded, 'base64url').toString()))
  } catch {
    return undefined
  }
}

/** Media types are compared without regard to case, `application/` may be left out (RFC 7515 section 4.1.9). */
function isOfType(typ: unknown, type: string | undefined): boolean {
  if (type === undefined) return true
  return typeof typ === 'string' && typ.toLowerCase().replace(/^application\//, '') === type
}
