import type { Redis } from 'ioredis'
import type { StateSize } from '../contract/state-size.ts'

/** Keys alike in form differ by a few bytes of their names and values. */
const mostKeys = 100
const mostScans = 1000

/** Bytes of some of the keys that begin so, as the server itself counts them; nothing where there are none. */
export async function redisState(redis: Redis, keyPrefix: string): Promise<readonly StateSize[]> {
  const match = `${keyPrefix.replace(/[\\*?[\]]/g, '\\$&')}*`
  const keys: string[] = []
  let cursor = '0'
  for (let scans = 0; scans < mostScans && keys.length < mostKeys; scans++) {
    const [next, found] = await redis.scan(cursor, 'MATCH', match, 'COUNT', mostKeys)
    keys.push(...found)
    cursor = next
    if (cursor === '0') break
  }
  let bytes = 0
  let count = 0
  for (const key of keys.slice(0, mostKeys)) {
    const used = await redis.memory('USAGE', key)
    if (used === null) continue
    bytes += used
    count++
  }
  if (count === 0) return []
  return [{ where: 'redis', what: 'session', bytes, count, method: `MEMORY USAGE of ${count} keys` }]
}
