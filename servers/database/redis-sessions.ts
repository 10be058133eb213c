import type { Redis } from 'ioredis'
import { AuthcostError } from '../contract/errors.ts'
import type { Identity } from '../contract/identity.ts'
import type { SessionLayout } from '../contract/session-layout.ts'
import { failureReason } from './failure-reason.ts'
import type { SessionRow } from './sessions.ts'

/** The key of a session in Redis. Without the prefix, another run's sessions in the same Redis would be found. */
export const redisKey = (keyPrefix: string, layout: Pick<SessionLayout, 'name' | 'hash'>, storedId: Buffer): string =>
  `${keyPrefix}${layout.name}:${storedId.toString(layout.hash === 'plain' ? 'latin1' : 'base64url')}`

/**
 * What lies in Redis for a session: who it is from, as they were at login, and when it ends for good. When it was last
 * used is not written here: that is the key's time to live.
 */
export const redisValue = (user: Identity, expiresAtMs: number): string =>
  JSON.stringify({ userId: user.userId, username: user.username, role: user.role, expiresAtMs })

interface StoredSession extends Identity {
  readonly expiresAtMs: number
}

const isStoredSession = (value: unknown): value is StoredSession =>
  typeof value === 'object' &&
  value !== null &&
  'userId' in value &&
  typeof value.userId === 'number' &&
  'username' in value &&
  typeof value.username === 'string' &&
  'role' in value &&
  typeof value.role === 'string' &&
  'expiresAtMs' in value &&
  typeof value.expiresAtMs === 'number'

/**
 * A session as it lies in Redis, if it is still good. The absolute end is judged here, by this process' clock: a key
 * that is touched may outlive it.
 */
export function readRedisValue(text: string | null | undefined, nowMs: number): SessionRow | undefined {
  if (text === null || text === undefined) return undefined
  const value: unknown = JSON.parse(text)
  if (!isStoredSession(value) || value.expiresAtMs <= nowMs) return undefined
  const { userId, username, role } = value
  return { userId, username, role, expiresInMs: value.expiresAtMs - nowMs }
}

export interface RedisSessionOptions {
  readonly touch: 'never' | 'always' | { readonly everyS: number }
  readonly idleTimeoutS: number
  readonly now: () => number
}

/**
 * Without the cause, on purpose: ioredis hangs the command with its arguments on its errors, and a logger that prints
 * whatever an error carries would print ids and names.
 */
const unavailable = (cause: unknown): AuthcostError =>
  new AuthcostError('redis.unavailable', `Redis did not answer: ${failureReason(cause)}. Check that it runs.`)

const rejectUnavailable = (cause: unknown): Promise<never> => Promise.reject(unavailable(cause))

/**
 * The commands on sessions in one Redis. Each throws an AuthcostError, `redis.unavailable`, where there is no answer.
 */
export interface RedisSessions {
  /** One round trip; with `touch: 'always'` the same command sets the key's time to live anew. */
  lookUp(key: string): Promise<SessionRow | undefined>
  /** Sets the time to live anew. */
  touch(key: string): Promise<void>
  insert(key: string, user: Identity, options: { readonly nowMs: number; readonly lifetimeS: number }): Promise<void>
  delete(key: string): Promise<void>
}

export function redisSessions(redis: Redis, { touch, idleTimeoutS, now }: RedisSessionOptions): RedisSessions {
  const everyMs = typeof touch === 'object' ? touch.everyS * 1000 : 0
  return {
    async lookUp(key) {
      try {
        if (touch === 'never') return readRedisValue(await redis.get(key), now())
        if (touch === 'always') return readRedisValue(await redis.getex(key, 'EX', idleTimeoutS), now())
        const [text, leftMs] = await Promise.all([redis.get(key), redis.pttl(key)])
        const found = readRedisValue(text, now())
        return found === undefined ? undefined : { ...found, due: idleTimeoutS * 1000 - leftMs >= everyMs }
      } catch (cause) {
        throw unavailable(cause)
      }
    },
    async touch(key) {
      await redis.expire(key, idleTimeoutS).catch(rejectUnavailable)
    },
    async insert(key, user, { nowMs, lifetimeS }) {
      const expiresAtMs = nowMs + lifetimeS * 1000
      const idleAtMs = touch === 'never' ? expiresAtMs : nowMs + idleTimeoutS * 1000
      const leftMs = Math.round(Math.min(expiresAtMs, idleAtMs) - now())
      // Redis takes no time to live that is over: what has ended before it began is not stored.
      if (leftMs > 0) await redis.set(key, redisValue(user, expiresAtMs), 'PX', leftMs).catch(rejectUnavailable)
    },
    async delete(key) {
      await redis.del(key).catch(rejectUnavailable)
    },
  }
}
