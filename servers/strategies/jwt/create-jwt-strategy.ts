import { randomUUID } from 'node:crypto'
import type { Identity } from '../../contract/identity.ts'
import type { AuthResult, IssuedCredentials, Refusal, Strategy, StrategyContext } from '../../contract/strategy.ts'
import { type RefreshToken, revokeFamily, rotate, startFamily, undoRotation } from '../../database/refresh-tokens.ts'
import type { JwtParameters } from '../jwt.ts'
import type { AccessClaims } from './access-token.ts'
import { jwtState } from './state.ts'
import { openTokenCheck, type TokenCheck } from './token-check.ts'
import { transports } from './transport.ts'

/** Signed access tokens, renewed by refresh tokens that rotate; a cache before and a denylist behind the signature. */
export async function createJwtStrategy(parameters: JwtParameters, context: StrategyContext): Promise<Strategy> {
  const { authority, cache, denylist, check, checkForLogout } = await openTokenCheck(parameters, context)
  const transport = transports[parameters.transport]
  const credentials = issuing(parameters, context, { authority, denylist })

  return {
    authenticate(request) {
      const token = transport.readAccess(request)
      if (typeof token !== 'string') return token
      const result = check(token)
      return result instanceof Promise ? result.then(toIdentity) : toIdentity(result)
    },
    ...credentials,
    async revoke(request) {
      const token = transport.readAccess(request)
      if (typeof token !== 'string') return
      const claims = await checkForLogout(token)
      if ('refused' in claims) return
      // One after the other: a logout needs one connection of the pool, not two.
      await denylist?.deny(claims.familyId, Math.max(claims.expiresAtS, lastEndS(parameters, context)))
      await revokeFamily(context.database, claims.familyId)
    },
    cookies: transport.cookies,
    lifetimeS: parameters.accessLifetimeS,
    ...(denylist?.prewarm === undefined ? {} : { prewarm: denylist.prewarm }),
    counters: () => ({
      ...(cache === undefined ? {} : { cacheHits: cache.hits, cacheMisses: cache.misses, cacheEntries: cache.size }),
      ...denylist?.counters(),
      ...authority.counters(),
    }),
    measureState: () => jwtState(parameters, context.database),
    close: async () => denylist?.close(),
  }
}

/** When an access token that was made this moment ends, seconds since the epoch: no other of its family ends later. */
const lastEndS = ({ accessLifetimeS }: JwtParameters, { now }: StrategyContext): number =>
  Math.ceil(now() / 1000) + accessLifetimeS

/** Who a token that was checked is from. */
export const toIdentity = (result: AccessClaims | Refusal): AuthResult => ('refused' in result ? result : result.user)

/** Logins, refreshes, and tokens for seeded users. */
function issuing(
  parameters: JwtParameters,
  context: StrategyContext,
  { authority, denylist }: Pick<TokenCheck, 'authority' | 'denylist'>,
): Pick<Strategy, 'issue' | 'seededCredentials' | 'refresh' | 'jwks'> {
  const transport = transports[parameters.transport]
  const { sign, jwks } = authority
  const handOut = async (
    user: Identity,
    refresh: RefreshToken,
    nowMs: number,
    lifetimeS: number,
  ): Promise<IssuedCredentials> => {
    const [access = ''] = await sign([{ user, familyId: refresh.familyId }], nowMs, lifetimeS)
    return transport.issued({
      access,
      accessLifetimeS: lifetimeS,
      refresh: refresh.token,
      familyLifetimeS: (refresh.familyEndsMs - context.now()) / 1000,
    })
  }
  return {
    async issue(user, { nowMs, lifetimeS }) {
      const family = { userId: user.userId, nowMs, lifetimeS: parameters.refreshLifetimeS }
      return handOut(user, await startFamily(context.database, family), nowMs, lifetimeS)
    },
    // No family stands behind these: the tokens are as long as any, and nothing is written.
    async seededCredentials(users, { nowMs, lifetimeS }) {
      const tokens = await sign(
        users.map((user) => ({ user, familyId: randomUUID() })),
        nowMs,
        lifetimeS,
      )
      return tokens.map((token) => transport.requestHeaders(token))
    },
    async refresh(request) {
      const token = transport.readRefresh(request)
      if (typeof token !== 'string') return token
      const rotated = await rotate(context.database, token)
      if (rotated === 'invalid') return { refused: 'invalid' }
      if ('revokedFamilyId' in rotated) {
        await denylist?.deny(rotated.revokedFamilyId, lastEndS(parameters, context))
        return { refused: 'revoked' }
      }
      try {
        return await handOut(rotated.user, rotated.next, context.now(), parameters.accessLifetimeS)
      } catch (error) {
        // An issuer that does not answer for a moment must not end the family.
        await undoRotation(context.database, token, rotated.next).catch(() => {})
        throw error
      }
    },
    ...(jwks === undefined ? {} : { jwks: async () => ({ keys: (await jwks()).map((key) => ({ ...key })) }) }),
  }
}
