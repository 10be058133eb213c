/** What differs between the algorithms of RFC 7518 and RFC 8037: one entry each. */
export type Algorithm =
  | { readonly family: 'HMAC'; readonly hash: 'SHA-256' | 'SHA-384' | 'SHA-512'; readonly secretBytes: number }
  | { readonly family: 'RSA' }
  | { readonly family: 'EC'; readonly curve: 'P-256' | 'P-384' | 'P-521' }
  | { readonly family: 'OKP'; readonly curve: 'Ed25519' }

export const algorithmNames = [
  'HS256',
  'HS384',
  'HS512',
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
] as const

export type AlgorithmName = (typeof algorithmNames)[number]

/** HMAC secrets are as long as the hash's output, the least that RFC 7518 section 3.2 allows. */
export const algorithms: Readonly<Record<AlgorithmName, Algorithm>> = {
  HS256: { family: 'HMAC', hash: 'SHA-256', secretBytes: 32 },
  HS384: { family: 'HMAC', hash: 'SHA-384', secretBytes: 48 },
  HS512: { family: 'HMAC', hash: 'SHA-512', secretBytes: 64 },
  RS256: { family: 'RSA' },
  RS384: { family: 'RSA' },
  RS512: { family: 'RSA' },
  PS256: { family: 'RSA' },
  ES256: { family: 'EC', curve: 'P-256' },
  ES384: { family: 'EC', curve: 'P-384' },
  ES512: { family: 'EC', curve: 'P-521' },
  EdDSA: { family: 'OKP', curve: 'Ed25519' },
}
