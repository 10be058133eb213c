import { generateKeyPair, type KeyObject, randomBytes } from 'node:crypto'
import { promisify } from 'node:util'
import type { Secrets } from '../../contract/strategy.ts'
import { type AlgorithmName, algorithms } from './algorithms.ts'

const generate = promisify(generateKeyPair)

/**
 * Fresh keys for one run: `kid`, and `secret` (base64url) for HMAC, else `signingKey` (PKCS#8 PEM) and
 * `verificationKey` (SPKI PEM). Runs in the harness, on `node:crypto` alone.
 *
 * @param modulus bits of an RSA key.
 */
export async function createKeys({
  alg,
  modulus,
}: {
  readonly alg: AlgorithmName
  readonly modulus: number
}): Promise<Secrets> {
  const kid = randomBytes(8).toString('base64url')
  const algorithm = algorithms[alg]
  switch (algorithm.family) {
    case 'HMAC':
      return { kid, secret: randomBytes(algorithm.secretBytes).toString('base64url') }
    case 'RSA':
      return { kid, ...toPem(await generate('rsa', { modulusLength: modulus })) }
    case 'EC':
      return { kid, ...toPem(await generate('ec', { namedCurve: algorithm.curve })) }
    case 'OKP':
      return { kid, ...toPem(await generate('ed25519')) }
  }
}

const toPem = ({
  publicKey,
  privateKey,
}: {
  readonly publicKey: KeyObject
  readonly privateKey: KeyObject
}): Secrets => ({
  signingKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  verificationKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
})
