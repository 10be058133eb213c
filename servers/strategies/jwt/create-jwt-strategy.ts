import { randomUUID } from 'node:crypto'
import type { Identity } from '../../contract/identity.ts'
import type { AuthResult, IssuedCredentials, Refusal, Strategy, StrategyContext } from '../../contract/strategy.ts'
import { type RefreshToken, revokeFamily, rotate, startFamily } from '../../database/refresh-tokens.ts'
import type { JwtParameters } from '../jwt.ts'
import type { AccessClaims, TokenVerifier } from './access-token.ts'
import { type Denylist, denylistInPostgres } from './denylist.ts'
import { denylistInMemory } from './denylist-in-memory.ts'
import { headerGate } from './header-gate.ts'
import { bestKeyForm } from './key-forms.ts'
import { loadVerifier, type MakeKeyVerifier, perRequest } from './key-verifier.ts'
import { localAuthority, remoteAuthority, type TokenAuthority } from './token-authority.ts'
import { accessTokenRules } from './token-rules.ts'
import { transports } from './transport.ts'
import { VerifiedTokenCache } from './verified-token-cache.ts'
import { tokenVerifier } from './verify-token.ts'

type Checked = AccessClaims | Refusal

/** Signed access tokens, renewed by refresh tokens that rotate; a cache before and a denylist behind the signature. */
export async function createJwtStrategy(parameters: JwtParameters, context: StrategyContext): Promise<Strategy> {
  const rules = accessTokenRules(parameters.alg)
  const logoutRules = accessTokenRules(parameters.alg, 'ignored')
  const form = parameters.key === 'best' ? bestKeyForm(parameters.verifier, parameters.alg) : parameters.key
  const factory = await loadVerifier(parameters.verifier)
  const built = (make: MakeKeyVerifier): MakeKeyVerifier => (parameters.build === 'once' ? make : perRequest(make))
  const make = { request: built(factory(rules, form)), logout: factory(logoutRules, form) }
  const authority = await (parameters.issuer === 'local' ? localAuthority : remoteAuthority)(parameters, context, make)
  const gate = headerGate(rules)
  const cache = parameters.cache === 0 ? undefined : new VerifiedTokenCache(parameters.cache)
  const denylist = await openDenylist(parameters, context)
  const verify = tokenVerifier(gate, authority.keys, rules)
  const check = denied(cache === undefined ? verify : cached(verify, cache, context.now), denylist)
  const checkForLogout = tokenVerifier(gate, authority.logoutKeys, logoutRules)
  const transport = transports[parameters.transport]
  const credentials = issuing(parameters, context, authority)

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
      await denylist?.deny(claims.tokenId, claims.expiresAtS)
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
    close: async () => denylist?.close(),
  }
}

const toIdentity = (result: Checked): AuthResult => ('refused' in result ? result : result.user)

async function openDenylist(parameters: JwtParameters, context: StrategyContext): Promise<Denylist | undefined> {
  const { database, openListeningConnection: open, now } = context
  switch (parameters.denylist) {
    case 'none':
      return undefined
    case 'postgres':
      return denylistInPostgres(database)
    case 'memory':
      return denylistInMemory({ database, open, now })
  }
}

/** Only what verification accepted goes into the cache. */
function cached(verify: TokenVerifier, cache: VerifiedTokenCache, now: () => number): TokenVerifier {
  return (token) => {
    const key = VerifiedTokenCache.keyOf(token)
    const hit = cache.get(key, now())
    if (hit !== undefined) return hit
    const keep = (result: Checked): Checked => {
      if (!('refused' in result)) cache.set(key, result)
      return result
    }
    const result = verify(token)
    return result instanceof Promise ? result.then(keep) : keep(result)
  }
}

/** Asked last, and for every token, cached or not: a revoked token must not live on in a cache. */
function denied(verify: TokenVerifier, denylist: Denylist | undefined): TokenVerifier {
  if (denylist === undefined) return verify
  const look = (result: Checked): Checked | Promise<Checked> => {
    if ('refused' in result) return result
    const verdict = denylist.check(result.tokenId)
    if (verdict instanceof Promise)
      return verdict.then((reason) => (reason === undefined ? result : { refused: reason }))
    return verdict === undefined ? result : { refused: verdict }
  }
  return (token) => {
    const result = verify(token)
    return result instanceof Promise ? result.then(look) : look(result)
  }
}

/** Logins, refreshes, and tokens for seeded users. */
function issuing(
  parameters: JwtParameters,
  context: StrategyContext,
  authority: TokenAuthority,
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
      if (typeof rotated === 'string') return { refused: rotated }
      return handOut(rotated.user, rotated.next, context.now(), parameters.accessLifetimeS)
    },
    ...(jwks === undefined ? {} : { jwks: async () => ({ keys: (await jwks()).map((key) => ({ ...key })) }) }),
  }
}
