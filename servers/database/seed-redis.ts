import type { Redis } from 'ioredis'
import { AuthcostError } from '../contract/errors.ts'
import { seededIdentity } from '../contract/identity.ts'
import type { Preparation } from '../contract/preparation.ts'
import type { SessionLayout } from '../contract/session-layout.ts'
import { connectRedis, redisProduct } from './redis-connection.ts'
import { redisKey, redisValue } from './redis-sessions.ts'
import { type Seeding, seededStoredId } from './seeded-session.ts'

/** Commands a pipeline: a few hundred kilobytes, so that neither side buffers much. */
const commandsAtOnce = 2000

/**
 * Redis answers from a table of keys whose depth does not grow, so rows beyond these cost memory and time to seed and
 * change nothing that is measured.
 */
const mostSessions = 200_000

/** What is seeded in Redis where so much is seeded in Postgres: a session for every user at least. */
export const redisSeeding = ({ users, sessions }: Seeding): Seeding => ({
  users,
  sessions: Math.min(sessions, Math.max(users, mostSessions)),
})

/**
 * Fills the layouts that lie in Redis; does nothing where there is none.
 *
 * @returns what answers there.
 * @throws {AuthcostError} `redis.absent` where a layout lies in Redis and no URL is given.
 */
export async function fillRedis(
  preparation: Preparation,
  progress: (done: number, total: number) => void,
): Promise<ReturnType<typeof redisProduct> | undefined> {
  const layouts = (preparation.sessionLayouts ?? []).filter(({ store }) => store === 'redis')
  if (layouts.length === 0) return undefined
  if (preparation.redis === undefined) {
    throw new AuthcostError('redis.absent', 'Sessions are to be seeded in Redis, but no Redis is given. Use --redis.')
  }
  const { url, keyPrefix } = preparation.redis
  const redis = await connectRedis(url)
  try {
    for (const layout of layouts) await fill(redis, layout, keyPrefix, preparation, progress)
    return redisProduct(await redis.info('server'))
  } finally {
    redis.disconnect()
  }
}

async function fill(
  redis: Redis,
  layout: SessionLayout,
  keyPrefix: string,
  preparation: Preparation,
  progress: (done: number, total: number) => void,
): Promise<void> {
  const { users, sessions } = redisSeeding(preparation)
  const expiresAtMs = Date.now() + preparation.sessionLifetimeS * 1000
  const lifetimeS = layout.idleTimeoutS ?? preparation.sessionLifetimeS
  progress(0, sessions)
  for (let from = 1; from <= sessions; from += commandsAtOnce) {
    const to = Math.min(sessions, from + commandsAtOnce - 1)
    const pipeline = redis.pipeline()
    for (let number = from; number <= to; number++) {
      const user = seededIdentity(((number - 1) % users) + 1)
      const storedId = seededStoredId(preparation.sessionSecret, number, layout)
      pipeline.set(redisKey(keyPrefix, layout, storedId), redisValue(user, expiresAtMs), 'EX', lifetimeS)
    }
    for (const [error] of (await pipeline.exec()) ?? []) if (error !== null) throw error
    progress(to, sessions)
  }
}

/** Removes every key that begins with the prefix, without holding the server up. Answers how many there were. */
export async function clearRedis(redis: Redis, keyPrefix: string): Promise<number> {
  // What would be a pattern in the prefix stands for itself.
  const match = `${keyPrefix.replace(/[\\*?[\]]/g, '\\$&')}*`
  let removed = 0
  let cursor = '0'
  do {
    const [next, keys] = await redis.scan(cursor, 'MATCH', match, 'COUNT', commandsAtOnce)
    cursor = next
    if (keys.length > 0) removed += await redis.unlink(...keys)
  } while (cursor !== '0')
  return removed
}
