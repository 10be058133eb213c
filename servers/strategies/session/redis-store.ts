import { AuthcostError } from '../../contract/errors.ts'
import type { SessionLayout } from '../../contract/session-layout.ts'
import type { StrategyContext } from '../../contract/strategy.ts'
import { connectRedis, endWhenSilent } from '../../database/redis-connection.ts'
import { redisKey, redisSessions } from '../../database/redis-sessions.ts'
import { redisState } from '../../database/redis-state.ts'
import { readSeeding } from '../../database/seed.ts'
import { redisSeeding } from '../../database/seed-redis.ts'
import { storedId } from '../../database/stored-id.ts'
import { type SessionParameters, touchOf } from './parameters.ts'
import type { SessionStore } from './session-store.ts'

/**
 * Sessions in Redis or Valkey, on one connection: its commands are pipelined, so more connections gain nothing.
 *
 * @throws {AuthcostError} `redis.absent` when no Redis was given; what connecting throws.
 */
export async function redisStore(
  parameters: SessionParameters,
  layout: SessionLayout,
  { database, secrets, now }: StrategyContext,
): Promise<SessionStore<string>> {
  const touch = touchOf(parameters.touch)
  const { redisUrl: url, redisKeyPrefix = '' } = secrets
  if (url === undefined) {
    throw new AuthcostError(
      'redis.absent',
      'Sessions in Redis need one. Install redis-server or valkey-server, start Docker, or give --redis <url>.',
    )
  }
  const redis = await connectRedis(url)
  const stopWatching = endWhenSilent(redis)
  const sessions = redisSessions(redis, { touch, idleTimeoutS: parameters.idleTimeoutS, now })
  let touches = 0
  return {
    keyOf: (id) => redisKey(redisKeyPrefix, layout, storedId(id, layout)),
    textOf: (key) => key,
    async lookUp(key) {
      const row = await sessions.lookUp(key)
      if (row === undefined) return undefined
      if (row.due === true) await sessions.touch(key)
      if (row.due === true || touch === 'always') touches++
      return row
    },
    insert: (key, user, options) => sessions.insert(key, user, options),
    delete: (key) => sessions.delete(key),
    async seeding() {
      const seeding = await readSeeding(database)
      return seeding === undefined ? undefined : redisSeeding(seeding)
    },
    state: () => redisState(redis, `${redisKeyPrefix}${layout.name}:`),
    counters: () => (touch === 'never' ? {} : { touches }),
    async close() {
      stopWatching()
      redis.disconnect()
    },
  }
}
