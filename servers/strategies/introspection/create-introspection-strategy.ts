import { randomBytes } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { AuthcostError } from '../../contract/errors.ts'
import type { Identity } from '../../contract/identity.ts'
import { introspectionClientSecret, introspectionUrlSecret } from '../../contract/introspector-protocol.ts'
import type { AuthResult, RefusalReason, Strategy, StrategyContext } from '../../contract/strategy.ts'
import { readSeeding } from '../../database/seed.ts'
import { seededSessionId, seededSessionNumber } from '../../database/seeded-session.ts'
import { tableState } from '../../database/state-size.ts'
import { hashSessionId } from '../../database/stored-id.ts'
import { cacheTtlMs } from '../cache-ttl.ts'
import { cachedIdentityState } from '../cached-identities.ts'
import { ExpiringCache } from '../expiring-cache.ts'
import { type IntrospectionParameters, tokenLayout } from '../introspection.ts'
import { type IntrospectionClient, introspectionClient } from './introspection-client.ts'
import { tokenBytes, tokenStatements } from './token-statements.ts'

const cacheCapacity = 10_000
/** 32 bytes in base64url after the scheme's name, which is written in any case (RFC 9110 section 11.1). */
const bearerPattern = /^Bearer ([A-Za-z0-9_-]{43})$/i

const bearer = (token: string): Readonly<Record<string, string>> => ({ authorization: `Bearer ${token}` })

/** Takes the token from a request's Authorization header, or says why there is none. */
export function readToken(request: FastifyRequest): string | { readonly refused: RefusalReason } {
  const header = request.headers.authorization
  if (header === undefined) return { refused: 'missing' }
  return bearerPattern.exec(header)?.[1] ?? { refused: 'malformed' }
}

/** @throws {AuthcostError} `introspection.absent` when no auth service was given. */
export function openIntrospectionClient(
  { connections }: Pick<IntrospectionParameters, 'connections'>,
  { secrets, now }: Pick<StrategyContext, 'secrets' | 'now'>,
): IntrospectionClient {
  const { [introspectionUrlSecret]: url, [introspectionClientSecret]: clientSecret } = secrets
  if (url === undefined || clientSecret === undefined) {
    throw new AuthcostError(
      'introspection.absent',
      'Introspection needs an auth service to ask, and this server was given none. Start one beside it (servers/introspector.ts).',
    )
  }
  return introspectionClient({ url, clientSecret, connections, now })
}

/** From a token to who it is: asks the auth service, or before it the cache where there is one. A hit takes no promise. */
export function tokenCheck(
  { cacheTtl }: Pick<IntrospectionParameters, 'cacheTtl'>,
  { now, periodMs }: Pick<StrategyContext, 'now' | 'periodMs'>,
  client: Pick<IntrospectionClient, 'introspect'>,
): { readonly cache: ExpiringCache<Identity> | undefined; check(token: string): AuthResult | Promise<AuthResult> } {
  const ownTtlMs = cacheTtlMs(cacheTtl)
  const ttlMs = ownTtlMs === 0 ? 0 : (periodMs ?? ownTtlMs)
  const cache = ttlMs === 0 ? undefined : new ExpiringCache<Identity>(cacheCapacity, now)
  const ask = async (token: string, key: string | undefined): Promise<AuthResult> => {
    const beganMs = now()
    const deletions = cache?.deletions
    const found = await client.introspect(token)
    if (found === undefined) return { refused: 'invalid' }
    // A token that was ended meanwhile must not come back; another question costs less than knowing which one it was.
    if (key !== undefined && cache?.deletions === deletions)
      cache?.set(key, found.identity, Math.min(beganMs + ttlMs, found.expiresAtMs))
    return found.identity
  }
  if (cache === undefined) return { cache, check: (token) => ask(token, undefined) }
  return {
    cache,
    check: (token) => {
      const key = keyOf(token)
      return cache.get(key) ?? ask(token, key)
    },
  }
}

/** Tokens do not lie in memory as they are: a dump of it must not be a list of credentials. */
const keyOf = (token: string): string => hashSessionId(token).toString('latin1')

/**
 * A token that an auth service is asked about on every request, or at most once within `cacheTtl`. Issuing and revoking
 * write to the table directly: there the application plays the part of the service, whose login page it has.
 *
 * @throws {AuthcostError} `introspection.absent` when no auth service was given.
 */
export async function createIntrospectionStrategy(
  parameters: IntrospectionParameters,
  context: StrategyContext,
): Promise<Strategy> {
  const { database, secrets } = context
  const { sessionSecret } = secrets
  const client = openIntrospectionClient(parameters, context)
  const { cache, check } = tokenCheck(parameters, context, client)
  return {
    authenticate(request) {
      const token = readToken(request)
      return typeof token === 'string' ? check(token) : token
    },
    async issue(user, { nowMs, lifetimeS }) {
      const token = randomBytes(tokenBytes).toString('base64url')
      await tokenStatements.insert(database, {
        storedId: hashSessionId(token),
        userId: user.userId,
        nowMs,
        lifetimeS,
      })
      return {
        cookies: [],
        requestHeaders: bearer(token),
        tokenResponse: { access_token: token, token_type: 'Bearer', expires_in: lifetimeS },
      }
    },
    async seededCredentials(users) {
      const seeding = await readSeeding(database)
      return users.map((user) => {
        const number = seeding === undefined ? undefined : seededSessionNumber(user.userId, seeding)
        if (number === undefined || sessionSecret === undefined) {
          throw new AuthcostError(
            'introspection.not-seeded',
            `User ${user.userId} has no seeded token. Prepare the database with at least one session a user.`,
          )
        }
        return bearer(seededSessionId(sessionSecret, number))
      })
    },
    async revoke(request) {
      const token = readToken(request)
      if (typeof token !== 'string') return
      await tokenStatements.delete(database, hashSessionId(token))
      cache?.delete(keyOf(token))
    },
    cookies: [],
    lifetimeS: parameters.lifetimeS,
    measureState: async () => [
      ...(await tableState(database, tokenLayout.name, 'token')),
      ...(cache === undefined ? [] : [cachedIdentityState('cached answer')]),
    ],
    counters: () => (cache === undefined ? {} : { cacheHits: cache.hits, cacheMisses: cache.misses }),
    close: () => client.close(),
  }
}
