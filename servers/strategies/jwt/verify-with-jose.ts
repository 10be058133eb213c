import { errors, type JWTVerifyOptions, type JWTVerifyResult, jwtVerify } from 'jose'
import type { Refusal } from '../../contract/strategy.ts'
import { maximumCredentialLength, tokenAudience, tokenIssuer, tokenType } from '../../contract/token-claims.ts'
import { type AccessClaims, readClaims, type SignatureVerifier, type TokenVerifier } from './access-token.ts'
import type { JoseKeys } from './keys-for-jose.ts'

/**
 * Verification as jose recommends it: imported key, pinned algorithm (RFC 8725 section 3.1), explicit type (3.11),
 * issuer and audience (3.8, 3.9), expiry. The key never comes from the token: `jwk`, `jku` and `x5u` are not looked at.
 */
export function joseVerifier(keys: JoseKeys): TokenVerifier {
  return verifierWith(keys, {})
}

/** The same for a logout, to which an expired token is as good as any: the clock is put before every expiry. */
export function joseSignatureVerifier(keys: JoseKeys): SignatureVerifier {
  return verifierWith(keys, { currentDate: new Date(0) })
}

function verifierWith(keys: JoseKeys, more: JWTVerifyOptions): (token: string) => Promise<AccessClaims | Refusal> {
  const options: JWTVerifyOptions = {
    algorithms: [keys.alg],
    issuer: tokenIssuer,
    audience: tokenAudience,
    typ: tokenType,
    requiredClaims: ['sub', 'exp', 'iat', 'jti'],
    ...more,
  }
  const accept = ({ payload, protectedHeader }: JWTVerifyResult): AccessClaims | Refusal =>
    protectedHeader.kid === keys.kid ? readClaims(payload) : { refused: 'invalid' }
  return (token) => {
    if (token.length > maximumCredentialLength) return Promise.resolve({ refused: 'malformed' })
    return jwtVerify(token, keys.verify, options).then(accept, refusalOf)
  }
}

/** What jose throws, in our words. Anything that is not jose's is no verdict and is thrown on. */
function refusalOf(error: unknown): Refusal {
  if (error instanceof errors.JWTExpired) return { refused: 'expired' }
  if (error instanceof errors.JWSInvalid || error instanceof errors.JWTInvalid) return { refused: 'malformed' }
  if (error instanceof errors.JOSEError) return { refused: 'invalid' }
  throw error
}
