import { expect, it } from 'vitest'
import type { AccessClaims } from './access-token.ts'
import { VerifiedTokenCache } from './verified-token-cache.ts'

const claims = (userId: number, expiresAtS = 100): AccessClaims => ({
  user: { userId, username: `user-${userId}`, role: 'member' },
  familyId: 'f',
  expiresAtS,
})

it('finds what it was given until it expires, and counts', () => {
  const cache = new VerifiedTokenCache(2)
  expect(cache.get('a', 0)).toBeUndefined()
  cache.set('a', claims(1))
  expect(cache.get('a', 99_999)?.user.userId).toBe(1)
  expect(cache.get('a', 100_000)).toBeUndefined()
  expect(cache.get('a', 0)).toBeUndefined()
  expect([cache.hits, cache.misses, cache.size]).toEqual([1, 3, 0])
})

it('drops the entry that was used longest ago', () => {
  const cache = new VerifiedTokenCache(2)
  cache.set('a', claims(1))
  cache.set('b', claims(2))
  cache.get('a', 0)
  cache.set('c', claims(3))
  expect(['a', 'b', 'c'].map((key) => cache.get(key, 0)?.user.userId)).toEqual([1, undefined, 3])
  expect(cache.size).toBe(2)
})

it('has another key for tokens that differ in one character, wherever it is', () => {
  const keys = ['head.payload.sig', 'heaD.payload.sig', 'head.payloaD.sig', 'head.payload.siG', 'head.payload.sig=']
  expect(new Set(keys.map((token) => VerifiedTokenCache.keyOf(token))).size).toBe(keys.length)
})
