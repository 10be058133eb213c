import { randomBytes } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { readCookie } from '../../app/read-cookie.ts'
import { AuthcostError } from '../../contract/errors.ts'
import type { Identity } from '../../contract/identity.ts'
import type { AuthResult, RefusalReason, Strategy, StrategyContext } from '../../contract/strategy.ts'
import { seededSessionId, seededSessionNumber } from '../../database/seeded-session.ts'
import type { SessionRow } from '../../database/sessions.ts'
import { cacheTtlMs } from '../cache-ttl.ts'
import { ExpiringCache } from '../expiring-cache.ts'
import { sessionCookieName } from '../session.ts'
import type { SessionParameters } from './parameters.ts'
import { postgresStore } from './postgres-store.ts'
import type { SessionStore } from './session-store.ts'

/** Entries of the in-process cache: some megabytes, and more than the users of most plans. */
const cacheCapacity = 10_000

const cookieHeader = (id: string): Readonly<Record<string, string>> => ({ cookie: `${sessionCookieName}=${id}` })
const toResult = (identity: Identity | undefined): AuthResult => identity ?? { refused: 'invalid' }

/** A session looked up on every request, or at most once within `cacheTtl`. */
export async function createSessionStrategy(
  parameters: SessionParameters,
  context: StrategyContext,
): Promise<Strategy> {
  if (parameters.store === 'postgres') return overStore(parameters, context, postgresStore(parameters, context))
  const { redisStore } = await import('./redis-store.ts')
  return overStore(parameters, context, await redisStore(parameters, context))
}

function overStore<Key>(parameters: SessionParameters, context: StrategyContext, store: SessionStore<Key>): Strategy {
  const { idBytes } = parameters
  // Base64url of exactly so many bytes. Anything else cannot be an id: nobody is asked.
  const idPattern = new RegExp(`^[A-Za-z0-9_-]{${Math.ceil((idBytes * 4) / 3)}}$`)
  const readSessionId = (request: FastifyRequest): string | { readonly refused: RefusalReason } => {
    const value = readCookie(request.headers.cookie, sessionCookieName)
    if (value === undefined) return { refused: 'missing' }
    return typeof value === 'string' && idPattern.test(value) ? value : { refused: 'malformed' }
  }
  const ttlMs = cacheTtlMs(parameters.cacheTtl)
  const cache = ttlMs === 0 ? undefined : new ExpiringCache<Identity>(cacheCapacity, context.now)
  const authenticate =
    cache === undefined
      ? (id: string): Promise<AuthResult> => store.lookUp(store.keyOf(id)).then(toResult)
      : cachedLookUp(cache, store, ttlMs, context.now)
  return {
    authenticate(request) {
      const read = readSessionId(request)
      return typeof read === 'string' ? authenticate(read) : read
    },
    async issue(user, options) {
      const id = randomBytes(idBytes).toString('base64url')
      await store.insert(store.keyOf(id), user, options)
      return {
        cookies: [{ name: sessionCookieName, value: id, path: '/', sameSite: 'lax', maxAgeS: options.lifetimeS }],
        requestHeaders: cookieHeader(id),
      }
    },
    async seededCredentials(users) {
      const seeding = await store.seeding()
      const secret = context.secrets.sessionSecret
      if (seeding === undefined || secret === undefined) {
        throw new AuthcostError(
          'session.not-seeded',
          'The database holds no seeded sessions. Prepare it with sessions first.',
        )
      }
      return users.map((user) => {
        const number = seededSessionNumber(user.userId, seeding)
        if (number === undefined) {
          throw new AuthcostError(
            'session.not-seeded',
            `User ${user.userId} has no seeded session: ${seeding.users} users and ${seeding.sessions} sessions are seeded. Seed at least one session a user.`,
          )
        }
        return cookieHeader(seededSessionId(secret, number, idBytes))
      })
    },
    async revoke(request) {
      const read = readSessionId(request)
      if (typeof read !== 'string') return
      const key = store.keyOf(read)
      await store.delete(key)
      // After the row is gone: a look-up that had begun before could put it back, for its TTL at most.
      cache?.delete(store.textOf(key))
    },
    cookies: [{ name: sessionCookieName, path: '/', sameSite: 'lax' }],
    lifetimeS: parameters.absoluteTimeoutS,
    ...(store.prewarm === undefined ? {} : { prewarm: store.prewarm }),
    counters: () => ({
      ...(cache === undefined ? {} : { cacheHits: cache.hits, cacheMisses: cache.misses }),
      ...store.counters(),
    }),
    close: () => store.close(),
  }
}

/**
 * Asks the cache first. An entry lives for the TTL from the moment its look-up began, and never longer than its session:
 * so a revoked session is accepted for no longer than the TTL. Refusals are not stored. A hit takes no promise.
 */
function cachedLookUp<Key>(
  cache: ExpiringCache<Identity>,
  store: SessionStore<Key>,
  ttlMs: number,
  now: () => number,
): (id: string) => AuthResult | Promise<AuthResult> {
  return (id) => {
    const key = store.keyOf(id)
    const text = store.textOf(key)
    const cached = cache.get(text)
    if (cached !== undefined) return cached
    const beganMs = now()
    return store.lookUp(key).then((row: SessionRow | undefined) => {
      if (row === undefined) return { refused: 'invalid' }
      const identity = { userId: row.userId, username: row.username, role: row.role }
      cache.set(text, identity, beganMs + Math.min(ttlMs, row.expiresInMs ?? 0))
      return identity
    })
  }
}
