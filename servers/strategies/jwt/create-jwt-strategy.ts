import { randomUUID } from 'node:crypto'
import type { Identity } from '../../contract/identity.ts'
import type { AuthResult, IssuedCredentials, Refusal, Strategy, StrategyContext } from '../../contract/strategy.ts'
import { type RefreshToken, revokeFamily, rotate, startFamily } from '../../database/refresh-tokens.ts'
import type { JwtParameters } from '../jwt.ts'
import type { AccessClaims } from './access-token.ts'
import { importJoseKeys } from './keys-for-jose.ts'
import { joseSigner } from './sign-with-jose.ts'
import { transports } from './transport.ts'
import { joseSignatureVerifier, joseVerifier } from './verify-with-jose.ts'

const toIdentity = (result: AccessClaims | Refusal): AuthResult => ('refused' in result ? result : result.user)

/** Signed access tokens that no store is asked about, renewed by refresh tokens that rotate. */
export async function createJwtStrategy(parameters: JwtParameters, context: StrategyContext): Promise<Strategy> {
  const keys = await importJoseKeys(parameters.alg, context.secrets)
  const { publicJwks } = keys
  const verify = joseVerifier(keys)
  const verifySignature = joseSignatureVerifier(keys)
  const sign = joseSigner(keys)
  const transport = transports[parameters.transport]

  const handOut = async (
    user: Identity,
    refresh: RefreshToken,
    nowMs: number,
    lifetimeS: number,
  ): Promise<IssuedCredentials> =>
    transport.issued({
      access: await sign({ user, familyId: refresh.familyId }, nowMs, lifetimeS),
      accessLifetimeS: lifetimeS,
      refresh: refresh.token,
      familyLifetimeS: (refresh.familyEndsMs - context.now()) / 1000,
    })

  return {
    authenticate(request) {
      const token = transport.readAccess(request)
      if (typeof token !== 'string') return token
      const result = verify(token)
      return result instanceof Promise ? result.then(toIdentity) : toIdentity(result)
    },
    async issue(user, { nowMs, lifetimeS }) {
      const family = { userId: user.userId, nowMs, lifetimeS: parameters.refreshLifetimeS }
      return handOut(user, await startFamily(context.database, family), nowMs, lifetimeS)
    },
    // No family stands behind these: the tokens are as long as any, and nothing is written.
    seededCredentials: (users, { nowMs, lifetimeS }) =>
      Promise.all(
        users.map(async (user) =>
          transport.requestHeaders(await sign({ user, familyId: randomUUID() }, nowMs, lifetimeS)),
        ),
      ),
    async revoke(request) {
      const token = transport.readAccess(request)
      if (typeof token !== 'string') return
      const claims = await verifySignature(token)
      if ('familyId' in claims) await revokeFamily(context.database, claims.familyId)
    },
    async refresh(request) {
      const token = transport.readRefresh(request)
      if (typeof token !== 'string') return token
      const rotated = await rotate(context.database, token)
      if (typeof rotated === 'string') return { refused: rotated }
      return handOut(rotated.user, rotated.next, context.now(), parameters.accessLifetimeS)
    },
    cookies: transport.cookies,
    lifetimeS: parameters.accessLifetimeS,
    ...(publicJwks === undefined ? {} : { jwks: async () => ({ keys: publicJwks.map((key) => ({ ...key })) }) }),
    close: async () => {},
  }
}
