import { z } from 'zod'
import { connectRedis } from './database/redis-connection.ts'
import { clearRedis } from './database/seed-redis.ts'
import { describeFailure, followParent, tellParent } from './process/parent-channel.ts'

/**
 * Entry of the process that takes a run's sessions out of a Redis that is somebody's own. Takes one message, answers
 * with how many keys were removed or with a failure, and ends.
 */
const requestSchema = z.object({ requestId: z.int(), url: z.string(), keyPrefix: z.string().min(1) })

async function clear(raw: unknown): Promise<void> {
  const { requestId, url, keyPrefix } = requestSchema.parse(raw)
  const redis = await connectRedis(url)
  const removed = await clearRedis(redis, keyPrefix)
  redis.disconnect()
  await tellParent({ requestId, removed })
}

followParent()
process.once('message', (raw) => {
  clear(raw).then(
    () => process.exit(0),
    (error: unknown) => {
      const { code, message } = describeFailure(error)
      process.stderr.write(`${code}: ${message}\n`)
      process.exit(1)
    },
  )
})
