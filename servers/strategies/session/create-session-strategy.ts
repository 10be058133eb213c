import { randomBytes } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { readCookie } from '../../app/read-cookie.ts'
import { AuthcostError } from '../../contract/errors.ts'
import type { Identity } from '../../contract/identity.ts'
import type { AuthResult, RefusalReason, Strategy, StrategyContext } from '../../contract/strategy.ts'
import { seededSessionId, seededSessionNumber } from '../../database/seeded-session.ts'
import type { SessionRow } from '../../database/sessions.ts'
import { cacheTtlMs } from '../cache-ttl.ts'
import { cachedIdentityState } from '../cached-identities.ts'
import { ExpiringCache } from '../expiring-cache.ts'
import { sessionCookieName } from '../session.ts'
import { atPeriod, type SessionParameters, sessionLayout } from './parameters.ts'
import { postgresStore } from './postgres-store.ts'
import type { SessionStore } from './session-store.ts'

/** Entries of the in-process cache: some megabytes, and more than the users of most plans. */
const cacheCapacity = 10_000

const cookieHeader = (id: string): Readonly<Record<string, string>> => ({ cookie: `${sessionCookieName}=${id}` })
const toResult = (identity: Identity | undefined): AuthResult => identity ?? { refused: 'invalid' }

/** A session looked up on every request, or at most once within `cacheTtl`. */
export async function createSessionStrategy(given: SessionParameters, context: StrategyContext): Promise<Strategy> {
  const parameters = atPeriod(given, context.periodMs)
  const layout = sessionLayout(given)
  if (parameters.store === 'postgres') return overStore(parameters, context, postgresStore(parameters, layout, context))
  const { redisStore } = await import('./redis-store.ts')
  return overStore(parameters, context, await redisStore(parameters, layout, context))
}

/** Takes a session's id from a request's cookie, or says why there is none. */
export function sessionIdReader(
  idBytes: number,
): (request: FastifyRequest) => string | { readonly refused: RefusalReason } {
  // Base64url of exactly so many bytes. Anything else cannot be an id: nobody is asked.
  const idPattern = new RegExp(`^[A-Za-z0-9_-]{${Math.ceil((idBytes * 4) / 3)}}$`)
  return (request) => {
    const value = readCookie(request.headers.cookie, sessionCookieName)
    if (value === undefined) return { refused: 'missing' }
    return typeof value === 'string' && idPattern.test(value) ? value : { refused: 'malformed' }
  }
}

/** From what lies at rest to who it is. */
export const lookUpIn =
  <Key>(store: SessionStore<Key>): ((key: Key) => Promise<AuthResult>) =>
  (key) =>
    store.lookUp(key).then(toResult)

/** From an id to who it is: asks the store, or before it the cache where there is one. */
export function idCheck<Key>(
  parameters: SessionParameters,
  { now }: StrategyContext,
  store: SessionStore<Key>,
): { readonly cache: ExpiringCache<Identity> | undefined; check(id: string): AuthResult | Promise<AuthResult> } {
  const ttlMs = cacheTtlMs(parameters.cacheTtl)
  if (ttlMs === 0) {
    const lookUp = lookUpIn(store)
    return { cache: undefined, check: (id) => lookUp(store.keyOf(id)) }
  }
  const cache = new ExpiringCache<Identity>(cacheCapacity, now)
  return { cache, check: cachedLookUp(cache, store, ttlMs, now) }
}

function overStore<Key>(parameters: SessionParameters, context: StrategyContext, store: SessionStore<Key>): Strategy {
  const { idBytes } = parameters
  const readSessionId = sessionIdReader(idBytes)
  const { cache, check } = idCheck(parameters, context, store)
  return {
    authenticate(request) {
      const read = readSessionId(request)
      return typeof read === 'string' ? check(read) : read
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
      // After the row is gone: a look-up that began before it sees this, and stores nothing.
      cache?.delete(store.textOf(key))
    },
    cookies: [{ name: sessionCookieName, path: '/', sameSite: 'lax' }],
    lifetimeS: parameters.absoluteTimeoutS,
    ...(store.prewarm === undefined ? {} : { prewarm: store.prewarm }),
    measureState: async () => [
      ...(await store.state()),
      ...(cache === undefined ? [] : [cachedIdentityState('cached session')]),
    ],
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
    const { deletions } = cache
    return store.lookUp(key).then((row: SessionRow | undefined) => {
      if (row === undefined) return { refused: 'invalid' }
      const identity = { userId: row.userId, username: row.username, role: row.role }
      // Whose session was ended meanwhile does not matter: another look-up costs less than knowing.
      if (cache.deletions === deletions) cache.set(text, identity, beganMs + Math.min(ttlMs, row.expiresInMs ?? 0))
      return identity
    })
  }
}
