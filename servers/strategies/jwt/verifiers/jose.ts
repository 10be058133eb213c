import { createPublicKey, createSecretKey, type KeyObject } from 'node:crypto'
import { type CryptoKey, errors, importSPKI, type JWTVerifyOptions, jwtVerify } from 'jose'
import { AuthcostError } from '../../../contract/errors.ts'
import type { Refusal } from '../../../contract/strategy.ts'
import type { KeyForm } from '../key-forms.ts'
import type { KeyMaterial, KeyVerifier, MakeKeyVerifier, Payload } from '../key-verifier.ts'
import type { TokenRules } from '../token-rules.ts'
import { importSecret } from '../web-crypto-secret.ts'

/** Verification as jose recommends it: `jwtVerify` with an imported key and every rule as an option. */
export function joseVerifier(rules: TokenRules, form: KeyForm): MakeKeyVerifier {
  const options: JWTVerifyOptions = {
    algorithms: [rules.alg],
    issuer: rules.issuer,
    ...(rules.audience === undefined ? {} : { audience: rules.audience }),
    ...(rules.type === undefined ? {} : { typ: rules.type }),
    requiredClaims: ['exp'],
  }
  // jose has no switch for the expiry, but looks at it last: what is only expired passed everything else.
  const onError = rules.expiry === 'ignored' ? payloadOfExpired : refusalOf
  const verifierWith =
    (key: CryptoKey | KeyObject | Uint8Array): KeyVerifier =>
    (token) =>
      jwtVerify(token, key, options).then(payloadOf, onError)
  return (key) => {
    if (form === 'cryptokey') return importKey(key, rules).then(verifierWith)
    return verifierWith(plainKey(key, form))
  }
}

const payloadOf = ({ payload }: { readonly payload: Payload }): Payload => payload
const payloadOfExpired = (error: unknown): Payload | Refusal =>
  error instanceof errors.JWTExpired ? error.payload : refusalOf(error)

async function importKey(key: KeyMaterial, { alg }: TokenRules): Promise<CryptoKey> {
  return key.kind === 'secret' ? importSecret(key.bytes, alg) : importSPKI(key.pem, alg)
}

function plainKey(key: KeyMaterial, form: KeyForm): KeyObject | Uint8Array {
  if (form === 'keyobject') return key.kind === 'secret' ? createSecretKey(key.bytes) : createPublicKey(key.pem)
  if (form === 'bytes' && key.kind === 'secret') return key.bytes
  throw new AuthcostError('jwt.key', `jose does not take a ${key.kind} key as ${form}.`)
}

/** What jose throws, in our words. Anything that is not jose's is no verdict and is thrown on. */
function refusalOf(error: unknown): Refusal {
  if (error instanceof errors.JWTExpired) return { refused: 'expired' }
  if (error instanceof errors.JWSInvalid || error instanceof errors.JWTInvalid) return { refused: 'malformed' }
  if (error instanceof errors.JOSEError) return { refused: 'invalid' }
  throw error
}
