import { randomUUID } from 'node:crypto'
import { SignJWT } from 'jose'
import { tokenAudience, tokenIssuer, tokenType } from '../../contract/token-claims.ts'
import type { TokenSigner } from './access-token.ts'
import type { JoseKeys } from './keys-for-jose.ts'

/** Signs access tokens (RFC 9068) whose `jti` is unique. */
export function joseSigner({ alg, kid, sign }: JoseKeys): TokenSigner {
  return ({ user, familyId }, nowMs, lifetimeS) => {
    const issuedAtS = Math.floor(nowMs / 1000)
    return new SignJWT({ username: user.username, role: user.role, fid: familyId })
      .setProtectedHeader({ alg, kid, typ: tokenType })
      .setSubject(String(user.userId))
      .setIssuer(tokenIssuer)
      .setAudience(tokenAudience)
      .setJti(randomUUID())
      .setIssuedAt(issuedAtS)
      .setExpirationTime(issuedAtS + lifetimeS)
      .sign(sign)
  }
}
