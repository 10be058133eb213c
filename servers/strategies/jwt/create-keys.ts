import { generateKeyPair, KeyObject, randomBytes, webcrypto } from 'node:crypto'
import { promisify } from 'node:util'
import { AuthcostError } from '../../contract/errors.ts'
import { issuerSecretPrefix } from '../../contract/issuer-protocol.ts'
import type { Secrets } from '../../contract/strategy.ts'
import { type AlgorithmName, algorithms, mlDsaNeeds } from './algorithms.ts'

const generate = promisify(generateKeyPair)

export interface KeyParameters {
  readonly alg: AlgorithmName
  /** Bits of an RSA key. */
  readonly modulus: number
  /** Retired keys that are still accepted beside the current one. */
  readonly previousKeys: number
  readonly issuer: 'local' | 'remote'
}

/**
 * Fresh keys for one run. The current key: `kid`, and `secret` (base64url) for HMAC, else `signingKey` (PKCS#8 PEM) and
 * `verificationKey` (SPKI PEM). Retired key n, without its signing key: the same names with `.n`, and `retiredAtMs.n`.
 * With a remote issuer all names are the issuer's alone, and `issuerSecret` is what server and issuer share.
 * Runs in the harness, on `node:crypto` alone.
 */
export async function createKeys(parameters: KeyParameters): Promise<Secrets> {
  const secrets: Record<string, string> = { ...(await createKey(parameters)) }
  for (let n = 1; n <= parameters.previousKeys; n++) {
    const { signingKey: _, ...key } = await createKey(parameters)
    for (const [name, value] of Object.entries(key)) secrets[`${name}.${n}`] = value
    secrets[`retiredAtMs.${n}`] = String(Date.now())
  }
  if (parameters.issuer === 'local') return secrets
  return {
    ...Object.fromEntries(Object.entries(secrets).map(([name, value]) => [issuerSecretPrefix + name, value])),
    issuerSecret: randomBytes(32).toString('base64url'),
  }
}

/** One key with its id. */
export async function createKey({
  alg,
  modulus,
}: Pick<KeyParameters, 'alg' | 'modulus'>): Promise<Readonly<Record<string, string>>> {
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
    case 'ML-DSA':
      return { kid, ...toPem(await generateMlDsa(alg)) }
  }
}

async function generateMlDsa(alg: AlgorithmName): Promise<Pair> {
  try {
    const pair = await webcrypto.subtle.generateKey({ name: alg }, true, ['sign', 'verify'])
    if (!('privateKey' in pair)) throw new Error('no key pair')
    return { privateKey: KeyObject.from(pair.privateKey), publicKey: KeyObject.from(pair.publicKey) }
  } catch (cause) {
    throw new AuthcostError(
      'jwt.algorithm',
      `This Node (${process.version}, OpenSSL ${process.versions.openssl}) makes no ${alg} key. It needs Node ${mlDsaNeeds.node} with OpenSSL ${mlDsaNeeds.openssl} or later.`,
      { cause },
    )
  }
}

interface Pair {
  readonly publicKey: KeyObject
  readonly privateKey: KeyObject
}

const toPem = ({ publicKey, privateKey }: Pair): Secrets => ({
  signingKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  verificationKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
})
