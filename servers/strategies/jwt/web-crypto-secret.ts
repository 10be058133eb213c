import { webcrypto } from 'node:crypto'
import type { CryptoKey } from 'jose'
import { AuthcostError } from '../../contract/errors.ts'
import { type AlgorithmName, algorithms } from './algorithms.ts'

/** A shared secret as a CryptoKey: imported once, it costs nothing more on a request. */
export async function importSecret(bytes: Buffer, alg: AlgorithmName): Promise<CryptoKey> {
  const algorithm = algorithms[alg]
  if (algorithm.family !== 'HMAC') throw new AuthcostError('jwt.key', `${alg} does not use a shared secret.`)
  return webcrypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: algorithm.hash }, false, ['sign', 'verify'])
}
