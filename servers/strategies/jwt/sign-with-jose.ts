import { randomUUID } from 'node:crypto'
import { type CryptoKey, importPKCS8, SignJWT } from 'jose'
import { tokenAudience, tokenIssuer, tokenType } from '../../contract/token-claims.ts'
import type { TokenSigner } from './access-token.ts'
import type { AlgorithmName } from './algorithms.ts'
import type { RunKeys } from './read-keys.ts'
import { importSecret } from './web-crypto-secret.ts'

/**
 * Signs access tokens (RFC 9068) whose `jti` is unique.
 *
 * @param extraBytes length of a further claim, `pad`, to see what size costs; 0 for none.
 */
export async function joseSigner(
  alg: AlgorithmName,
  { kid, signing }: Pick<RunKeys, 'kid' | 'signing'>,
  extraBytes: number,
): Promise<TokenSigner> {
  const key: CryptoKey =
    signing.kind === 'secret' ? await importSecret(signing.bytes, alg) : await importPKCS8(signing.pem, alg)
  const more = extraBytes === 0 ? {} : { pad: 'x'.repeat(extraBytes) }
  return (subjects, nowMs, lifetimeS) => {
    const issuedAtS = Math.floor(nowMs / 1000)
    return Promise.all(
      subjects.map(({ user, familyId }) =>
        new SignJWT({ username: user.username, role: user.role, fid: familyId, ...more })
          .setProtectedHeader({ alg, kid, typ: tokenType })
          .setSubject(String(user.userId))
          .setIssuer(tokenIssuer)
          .setAudience(tokenAudience)
          .setJti(randomUUID())
          .setIssuedAt(issuedAtS)
          .setExpirationTime(issuedAtS + lifetimeS)
          .sign(key),
      ),
    )
  }
}
