import { type Algorithm, createVerifier, TokenError } from 'fast-jwt'
import { AuthcostError } from '../../../contract/errors.ts'
import type { Refusal } from '../../../contract/strategy.ts'
import { algorithmNames } from '../algorithms.ts'
import type { KeyForm } from '../key-forms.ts'
import type { KeyMaterial, MakeKeyVerifier, Payload } from '../key-verifier.ts'
import type { TokenRules } from '../token-rules.ts'

const codes = TokenError.codes
const malformedCodes: readonly string[] = [
  codes.malformed,
  codes.invalidPayload,
  codes.missingRequiredClaim,
  codes.invalidClaimType,
]

/**
 * Verification as fast-jwt recommends it: one verifier, made once with its key and every rule; its own cache is off,
 * because caching is a parameter of the strategy.
 */
export function fastJwtVerifier(rules: TokenRules, form: KeyForm): MakeKeyVerifier {
  return (key) => {
    const verify = createVerifier({
      key: keyOf(key, form),
      algorithms: [algorithmOf(rules)],
      allowedIss: rules.issuer,
      ...(rules.audience === undefined ? {} : { allowedAud: rules.audience }),
      ...(rules.type === undefined ? {} : { checkTyp: rules.type }),
      // A claim that is only compared when present could be left out.
      requiredClaims: rules.audience === undefined ? ['iss', 'exp'] : ['iss', 'aud', 'exp'],
      ignoreExpiration: rules.expiry === 'ignored',
      cache: false,
    })
    return (token) => {
      try {
        const payload: Payload = verify(token)
        return payload
      } catch (error) {
        return refusalOf(error)
      }
    }
  }
}

function keyOf(key: KeyMaterial, form: KeyForm): Buffer | string {
  if (form === 'bytes' && key.kind === 'secret') return key.bytes
  if (form === 'pem' && key.kind === 'public') return key.pem
  throw new AuthcostError('jwt.key', `fast-jwt does not take a ${key.kind} key as ${form}.`)
}

function algorithmOf({ alg }: TokenRules): Algorithm {
  if (alg !== 'ML-DSA-44' && alg !== 'ML-DSA-65' && alg !== 'ML-DSA-87') return alg
  const able = algorithmNames.filter((name) => !name.startsWith('ML-DSA'))
  throw new AuthcostError('jwt.algorithm', `fast-jwt does not verify ${alg}. It verifies ${able.join(', ')}.`)
}

/** What fast-jwt throws, in our words. Anything that is not fast-jwt's is no verdict and is thrown on. */
function refusalOf(error: unknown): Refusal {
  if (!(error instanceof TokenError)) throw error
  if (error.code === codes.expired) return { refused: 'expired' }
  return { refused: malformedCodes.includes(error.code) ? 'malformed' : 'invalid' }
}
