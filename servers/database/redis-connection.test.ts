import { expect, test } from 'vitest'
import { redisProduct } from './redis-connection.ts'

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
