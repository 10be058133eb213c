import type { Refusal, StrategyContext } from '../../contract/strategy.ts'
import type { JwtParameters } from '../jwt.ts'
import type { AccessClaims, TokenVerifier } from './access-token.ts'
import { type Denylist, denylistInPostgres } from './denylist.ts'
import { denylistInMemory } from './denylist-in-memory.ts'
import { type HeaderGate, headerGate } from './header-gate.ts'
import { bestKeyForm } from './key-forms.ts'
import { loadVerifier, type MakeKeyVerifier, perRequest } from './key-verifier.ts'
import { localAuthority, remoteAuthority, type TokenAuthority } from './token-authority.ts'
import { accessTokenRules, type TokenRules } from './token-rules.ts'
import { VerifiedTokenCache } from './verified-token-cache.ts'
import { tokenVerifier } from './verify-token.ts'

type Checked = AccessClaims | Refusal

/** Everything a token passes, whole and in its parts. */
export interface TokenCheck {
  readonly rules: TokenRules
  readonly gate: HeaderGate
  readonly authority: TokenAuthority
  readonly cache: VerifiedTokenCache | undefined
  readonly denylist: Denylist | undefined
  /** Cache, header, key, signature, claims and denylist: what a request goes through. */
  readonly check: TokenVerifier
  /** The same for a logout, which takes expired tokens too; neither cache nor denylist is asked. */
  readonly checkForLogout: TokenVerifier
}

/**
 * Loads the verifier's library, makes the keys ready and puts cache and denylist around them.
 *
 * @throws what reading keys, fetching a key set and opening a denylist throw.
 */
export async function openTokenCheck(parameters: JwtParameters, context: StrategyContext): Promise<TokenCheck> {
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
  return {
    rules,
    gate,
    authority,
    cache,
    denylist,
    check: denied(cache === undefined ? verify : cached(verify, cache, context.now), denylist),
    checkForLogout: tokenVerifier(gate, authority.logoutKeys, logoutRules),
  }
}

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
    const verdict = denylist.check(result.familyId)
    if (verdict instanceof Promise)
      return verdict.then((reason) => (reason === undefined ? result : { refused: reason }))
    return verdict === undefined ? result : { refused: verdict }
  }
  return (token) => {
    const result = verify(token)
    return result instanceof Promise ? result.then(look) : look(result)
  }
}
