import { createPublicKey } from 'node:crypto'
import { exportJWK, importJWK, importSPKI } from 'jose'
import { z } from 'zod'
import type { AlgorithmName } from './algorithms.ts'
import type { KeyMaterial } from './key-verifier.ts'
import type { NamedKey } from './read-keys.ts'

export type PublicJwk = Readonly<Record<string, unknown>>

/** Public keys as a JWK set (RFC 7517) has them, each with the one algorithm it is for (RFC 8725 section 3.1). */
export async function toJwks(keys: readonly NamedKey[], alg: AlgorithmName): Promise<readonly PublicJwk[]> {
  const jwks: PublicJwk[] = []
  for (const { kid, key } of keys) {
    // A shared secret is nobody else's business.
    if (key.kind === 'secret') continue
    const publicKey = await importSPKI(key.pem, alg, { extractable: true })
    jwks.push({ ...(await exportJWK(publicKey)), kid, alg, use: 'sig' })
  }
  return jwks
}

const keySetSchema = z.object({ keys: z.array(z.record(z.string(), z.unknown())).max(100) })

/** NIST SP 800-131A and RFC 7518 section 3.3: shorter RSA keys must not be used. */
const leastRsaBits = 2048

/**
 * The usable keys of another service's JWK set: public, for signatures, for this very algorithm, with an id. The others
 * are passed over, as RFC 7517 section 5 wants it.
 *
 * @throws {z.ZodError} when it is no JWK set at all.
 */
export async function fromJwks(document: unknown, alg: AlgorithmName): Promise<Map<string, KeyMaterial>> {
  const usable = new Map<string, KeyMaterial>()
  for (const jwk of keySetSchema.parse(document).keys) {
    const { kid } = jwk
    if (typeof kid !== 'string' || jwk.alg !== alg || (jwk.use !== undefined && jwk.use !== 'sig')) continue
    const pem = await publicPem(jwk, alg)
    if (pem !== undefined) usable.set(kid, { kind: 'public', pem })
  }
  return usable
}

async function publicPem(jwk: PublicJwk, alg: AlgorithmName): Promise<string | undefined> {
  if ('d' in jwk || 'priv' in jwk || 'k' in jwk) return undefined
  try {
    // jose holds the key against the algorithm: its type, its curve.
    await importJWK({ ...jwk, alg }, alg)
    const key = createPublicKey({ key: { ...jwk }, format: 'jwk' })
    if ((key.asymmetricKeyDetails?.modulusLength ?? leastRsaBits) < leastRsaBits) return undefined
    return key.export({ type: 'spki', format: 'pem' }).toString()
  } catch {
    return undefined
  }
}
