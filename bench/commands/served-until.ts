import { AuthcostError } from '../../servers/contract/errors.ts'
import type { PostgresHandle } from '../environment/postgres-handle.ts'
import type { Child } from '../launch/child.ts'
import type { RedisHandle } from '../launch/redis-handle.ts'
import type { Companion } from '../pipeline/companions.ts'

export interface Serving {
  readonly server: Pick<Child, 'onUnexpectedExit'>
  readonly companions: readonly Pick<Companion, 'onDeath'>[]
  readonly postgres: Pick<PostgresHandle, 'onExit'>
  readonly redis: Pick<RedisHandle, 'onExit'> | undefined
  readonly signal: AbortSignal
}

/**
 * Waits while a server serves.
 *
 * @throws {AuthcostError} what has ended of all that it needs: `postgres.lost`, `redis.lost`, `launch.exited`; or the
 *   signal's reason.
 */
export function servedUntil({ server, companions, postgres, redis, signal }: Serving): Promise<never> {
  return new Promise((_, reject) => {
    server.onUnexpectedExit(reject)
    for (const companion of companions) companion.onDeath(reject)
    postgres.onExit((reason) =>
      reject(new AuthcostError('postgres.lost', `Postgres ended while it was needed: ${reason}`)),
    )
    redis?.onExit((reason) => reject(new AuthcostError('redis.lost', `Redis ended while it was needed: ${reason}`)))
    if (signal.aborted) reject(signal.reason)
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}
