import { expect, test } from 'vitest'
import { redisRoute } from './redis-route.ts'

test.each([
  ['program', 'redis://:secret@127.0.0.1:7001', 'loopback'],
  ['external', 'redis://localhost:6379', 'loopback'],
  ['external', 'rediss://user:secret@cache.example:6380/2', 'remote'],
  ['external', '/run/redis.sock', 'unix-socket'],
  ['container', 'redis://:secret@127.0.0.1:32768', 'published'],
] as const)('a %s at %s is reached by way of %s', (kind, url, route) => {
  expect(redisRoute({ kind, url })).toBe(route)
})
