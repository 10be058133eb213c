import { expect, test } from 'vitest'
import { routeOfUrl } from './redis-route.ts'

test.each([
  ['redis://:secret@127.0.0.1:7001', 'loopback'],
  ['redis://localhost:6379', 'loopback'],
  ['redis://[::1]:6379', 'loopback'],
  ['rediss://user:secret@cache.example:6380/2', 'remote'],
  ['/run/redis.sock', 'unix-socket'],
] as const)('a Redis at %s is reached by way of %s', (url, route) => {
  expect(routeOfUrl(url)).toBe(route)
})
