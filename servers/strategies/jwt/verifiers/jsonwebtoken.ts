import { createPublicKey, createSecretKey, type KeyObject } from 'node:crypto'
import jsonwebtoken, { type VerifyOptions } from 'jsonwebtoken'
import { AuthcostError } from '../../../contract/errors.ts'
import type { Refusal } from '../../../contract/strategy.ts'
import type { KeyForm } from '../key-forms.ts'
import type { KeyMaterial, MakeKeyVerifier } from '../key-verifier.ts'
import type { TokenRules } from '../token-rules.ts'

/** Verification with `verify` of jsonwebtoken: a KeyObject, a pinned algorithm, issuer and audience as options. */
export function jsonwebtokenVerifier(rules: TokenRules, form: KeyForm): MakeKeyVerifier {
  const { alg } = rules
  if (alg === 'EdDSA' || alg === 'ML-DSA-44' || alg === 'ML-DSA-65' || alg === 'ML-DSA-87') {
    throw new AuthcostError('jwt.algorithm', `jsonwebtoken does not verify ${alg}. Use another verifier.`)
  }
  const options: VerifyOptions & { readonly complete: false } = {
    complete: false,
    algorithms: [alg],
    issuer: rules.issuer,
    ...(rules.audience === undefined ? {} : { audience: rules.audience }),
    ignoreExpiration: rules.expiry === 'ignored',
  }
  return (material) => {
    const key = keyOf(material, form)
    return (token) => {
      try {
        const payload = jsonwebtoken.verify(token, key, options)
        return typeof payload === 'string' ? { refused: 'malformed' } : payload
      } catch (error) {
        return refusalOf(error)
      }
    }
  }
}

function keyOf(key: KeyMaterial, form: KeyForm): KeyObject | Buffer | string {
  if (form === 'keyobject') return key.kind === 'secret' ? createSecretKey(key.bytes) : createPublicKey(key.pem)
  if (form === 'bytes' && key.kind === 'secret') return key.bytes
  if (form === 'pem' && key.kind === 'public') return key.pem
  throw new AuthcostError('jwt.key', `jsonwebtoken does not take a ${key.kind} key as ${form}.`)
}

/**
 * What jsonwebtoken throws, in our words. A signature of the wrong length and a payload that is no JSON come as errors of
 * the libraries below it: the token caused them, since the key was good when the server started.
 */
function refusalOf(error: unknown): Refusal {
  if (error instanceof jsonwebtoken.TokenExpiredError) return { refused: 'expired' }
  if (error instanceof jsonwebtoken.JsonWebTokenError) {
    return { refused: error.message === 'jwt malformed' ? 'malformed' : 'invalid' }
  }
  return { refused: 'malformed' }
}
