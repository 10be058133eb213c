import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { endWhenSilent, redisProduct } from './redis-connection.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] }))
afterEach(() => void vi.useRealTimers())

test('a connection that is silent is ended, one that answers is not', async () => {
  let silent = false
  let ended = 0
  const redis = {
    status: 'ready' as const,
    ping: () => (silent ? new Promise<'PONG'>(() => {}) : Promise.resolve<'PONG'>('PONG')),
    stream: { destroy: () => ended++ },
  }
  const stop = endWhenSilent(redis)
  await vi.advanceTimersByTimeAsync(60_000)
  expect(ended).toBe(0)
  silent = true
  await vi.advanceTimersByTimeAsync(10_000)
  expect(ended).toBe(0)
  await vi.advanceTimersByTimeAsync(1000)
  expect(ended).toBe(1)
  stop()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(ended).toBe(1)
})

test('what answers says itself what it is', () => {
  expect(redisProduct('# Server\r\nredis_version:7.0.15\r\nredis_git_sha1:0\r\n')).toEqual({
    product: 'redis',
    version: '7.0.15',
  })
})

test('Valkey is not taken for the Redis that it is compatible with', () => {
  const info = '# Server\r\nredis_version:7.2.4\r\nserver_name:valkey\r\nvalkey_version:8.1.3\r\n'
  expect(redisProduct(info)).toEqual({ product: 'valkey', version: '8.1.3' })
})
