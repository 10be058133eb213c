import { webcrypto } from 'node:crypto'
import { type CryptoKey, exportJWK, importPKCS8, importSPKI, type JWK } from 'jose'
import { AuthcostError } from '../../contract/errors.ts'
import type { Secrets } from '../../contract/strategy.ts'
import { type AlgorithmName, algorithms } from './algorithms.ts'

/** Keys in the form that jose works with without importing anything per request. */
export interface JoseKeys {
  readonly kid: string
  readonly alg: AlgorithmName
  readonly sign: CryptoKey
  readonly verify: CryptoKey
  /** Public keys for `jwks.json`; absent for HMAC, whose key is secret. */
  readonly publicJwks: readonly JWK[] | undefined
}

/** Imports the run's keys once, as CryptoKeys. */
export async function importJoseKeys(alg: AlgorithmName, secrets: Secrets): Promise<JoseKeys> {
  const algorithm = algorithms[alg]
  const kid = required(secrets, 'kid')
  if (algorithm.family === 'HMAC') {
    const key = await webcrypto.subtle.importKey(
      'raw',
      Buffer.from(required(secrets, 'secret'), 'base64url'),
      { name: 'HMAC', hash: algorithm.hash },
      false,
      ['sign', 'verify'],
    )
    return { kid, alg, sign: key, verify: key, publicJwks: undefined }
  }
  const verify = await importSPKI(required(secrets, 'verificationKey'), alg, { extractable: true })
  return {
    kid,
    alg,
    sign: await importPKCS8(required(secrets, 'signingKey'), alg),
    verify,
    publicJwks: [{ ...(await exportJWK(verify)), kid, alg, use: 'sig' }],
  }
}

function required(secrets: Secrets, name: string): string {
  const value = secrets[name]
  if (value === undefined) {
    throw new AuthcostError(
      'jwt.secrets',
      `The jwt strategy was given no "${name}". Pass what createSecrets() returned.`,
    )
  }
  return value
}
