import type { Redis } from 'ioredis'
import { AuthcostError } from '../contract/errors.ts'
import { failureReason } from './failure-reason.ts'

/**
 * Opens one connection to Redis or Valkey. While it is lost every command fails at once rather than wait: a server
 * whose session store is gone answers 503, and finds it again by itself.
 *
 * @throws {AuthcostError} `redis.client` where the optional package ioredis is not installed; `redis.unreachable`.
 */
export async function connectRedis(url: string): Promise<Redis> {
  const { Redis } = await loadClient()
  const redis = new Redis(url, {
    lazyConnect: true,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    connectTimeout: 5000,
    noDelay: true,
    retryStrategy: (attempt) => Math.min(attempt * 50, 1000),
  })
  // A lost connection shows as a failing command; without a listener the event itself would be thrown.
  redis.on('error', () => {})
  try {
    await redis.connect()
    return redis
  } catch (error) {
    redis.disconnect()
    throw new AuthcostError(
      'redis.unreachable',
      `Redis cannot be reached: ${failureReason(error)}. Check --redis, and that it runs and takes this password.`,
      { cause: error },
    )
  }
}

/**
 * Ends a connection that has been silent for too long, so that the commands that wait on it fail and a new one is tried.
 * Asked for by a command of its own: a limit for each command would be a timer for each request.
 *
 * @returns stops watching.
 */
export function endWhenSilent(
  redis: Pick<Redis, 'status' | 'ping'> & { readonly stream: { destroy(): unknown } },
  { everyMs, silenceMs } = { everyMs: 1000, silenceMs: 10_000 },
): () => void {
  let askedMs: number | undefined
  const heard = () => {
    askedMs = undefined
  }
  const timer = setInterval(() => {
    if (redis.status !== 'ready') return
    if (askedMs === undefined) {
      askedMs = performance.now()
      redis.ping().then(heard, heard)
    } else if (performance.now() - askedMs >= silenceMs) redis.stream.destroy()
  }, everyMs)
  timer.unref()
  return () => clearInterval(timer)
}

/** Which server answers, and its version as it says it. Valkey gives the version of Redis that it is compatible with too. */
export function redisProduct(info: string): { readonly product: 'redis' | 'valkey'; readonly version: string } {
  const field = (name: string): string | undefined => new RegExp(`^${name}:(.+?)\\r?$`, 'm').exec(info)?.[1]
  const valkey = field('valkey_version')
  if (valkey !== undefined) return { product: 'valkey', version: valkey }
  return { product: 'redis', version: field('redis_version') ?? 'unknown' }
}

async function loadClient(): Promise<Pick<typeof import('ioredis'), 'Redis'>> {
  try {
    return await import('ioredis')
  } catch (cause) {
    throw new AuthcostError(
      'redis.client',
      'Sessions in Redis need the package ioredis, which is not installed. Get it with: npm install ioredis',
      { cause },
    )
  }
}
