/** What differs between the algorithms of RFC 7518, RFC 8037 and FIPS 204: one entry each. */
export type Algorithm =
  | {
      readonly family: 'HMAC'
      readonly digest: Digest
      readonly hash: 'SHA-256' | 'SHA-384' | 'SHA-512'
      /** As long as the hash's output, the least that RFC 7518 section 3.2 allows. */
      readonly secretBytes: number
    }
  | { readonly family: 'RSA'; readonly digest: Digest; readonly padding: 'pkcs1' | 'pss' }
  | {
      readonly family: 'EC'
      readonly digest: Digest
      readonly curve: 'P-256' | 'P-384' | 'P-521'
      readonly signatureBytes: number
    }
  | { readonly family: 'OKP'; readonly curve: 'Ed25519'; readonly signatureBytes: 64 }
  | { readonly family: 'ML-DSA'; readonly signatureBytes: number }

export type Digest = 'sha256' | 'sha384' | 'sha512'

export const algorithmNames = [
  'HS256',
  'HS384',
  'HS512',
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'ML-DSA-44',
  'ML-DSA-65',
  'ML-DSA-87',
] as const

export type AlgorithmName = (typeof algorithmNames)[number]

export const algorithms: Readonly<Record<AlgorithmName, Algorithm>> = {
  HS256: { family: 'HMAC', digest: 'sha256', hash: 'SHA-256', secretBytes: 32 },
  HS384: { family: 'HMAC', digest: 'sha384', hash: 'SHA-384', secretBytes: 48 },
  HS512: { family: 'HMAC', digest: 'sha512', hash: 'SHA-512', secretBytes: 64 },
  RS256: { family: 'RSA', digest: 'sha256', padding: 'pkcs1' },
  RS384: { family: 'RSA', digest: 'sha384', padding: 'pkcs1' },
  RS512: { family: 'RSA', digest: 'sha512', padding: 'pkcs1' },
  PS256: { family: 'RSA', digest: 'sha256', padding: 'pss' },
  PS384: { family: 'RSA', digest: 'sha384', padding: 'pss' },
  PS512: { family: 'RSA', digest: 'sha512', padding: 'pss' },
  ES256: { family: 'EC', digest: 'sha256', curve: 'P-256', signatureBytes: 64 },
  ES384: { family: 'EC', digest: 'sha384', curve: 'P-384', signatureBytes: 96 },
  ES512: { family: 'EC', digest: 'sha512', curve: 'P-521', signatureBytes: 132 },
  EdDSA: { family: 'OKP', curve: 'Ed25519', signatureBytes: 64 },
  // FIPS 204 table 2.
  'ML-DSA-44': { family: 'ML-DSA', signatureBytes: 2420 },
  'ML-DSA-65': { family: 'ML-DSA', signatureBytes: 3309 },
  'ML-DSA-87': { family: 'ML-DSA', signatureBytes: 4627 },
}

/** Bytes of a signature. `modulus`: bits of the RSA key, for RSA only. */
export function signatureBytes(alg: AlgorithmName, modulus: number): number {
  const algorithm = algorithms[alg]
  switch (algorithm.family) {
    case 'HMAC':
      return algorithm.secretBytes
    case 'RSA':
      return modulus / 8
    default:
      return algorithm.signatureBytes
  }
}

/** Web Cryptography's ML-DSA came with Node 24.7, on OpenSSL 3.5. */
export const mlDsaNeeds = { node: '24.7', openssl: '3.5' } as const

/** Whether this runtime can sign and verify with ML-DSA. */
export function hasMlDsa(versions: { readonly node: string; readonly openssl: string }): boolean {
  return atLeast(versions.node, mlDsaNeeds.node) && atLeast(versions.openssl, mlDsaNeeds.openssl)
}

function atLeast(version: string, needed: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map((part) => Number.parseInt(part, 10))
  const [neededMajor = 0, neededMinor = 0] = needed.split('.').map(Number)
  return major > neededMajor || (major === neededMajor && minor >= neededMinor)
}
