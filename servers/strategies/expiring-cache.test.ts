import { expect, it } from 'vitest'
import { ExpiringCache } from './expiring-cache.ts'

let clockMs = 1000
const cacheOf = (capacity: number) => new ExpiringCache<string>(capacity, () => clockMs)

it('answers until the end of an entry and not at it', () => {
  const cache = cacheOf(10)
  cache.set('a', 'value', clockMs + 5)
  clockMs += 4
  expect(cache.get('a')).toBe('value')
  clockMs += 1
  expect(cache.get('a')).toBeUndefined()
  expect([cache.hits, cache.misses, cache.size]).toEqual([1, 1, 0])
})

it('never holds more than its capacity, and lets go first what was not asked for longest', () => {
  const cache = cacheOf(3)
  for (const key of ['a', 'b', 'c']) cache.set(key, key, clockMs + 100)
  cache.get('a')
  cache.set('d', 'd', clockMs + 100)
  expect(cache.size).toBe(3)
  expect(['a', 'b', 'c', 'd'].map((key) => cache.get(key))).toEqual(['a', undefined, 'c', 'd'])
})

it('does not store what has ended already, nor keeps what was deleted', () => {
  const cache = cacheOf(3)
  cache.set('a', 'a', clockMs)
  cache.set('b', 'b', clockMs + 1)
  cache.delete('b')
  expect([cache.get('a'), cache.get('b')]).toEqual([undefined, undefined])
})

it('replaces an entry without pushing another one out', () => {
  const cache = cacheOf(2)
  cache.set('a', 'old', clockMs + 100)
  cache.set('b', 'b', clockMs + 100)
  cache.set('a', 'new', clockMs + 100)
  expect([cache.get('a'), cache.get('b')]).toEqual(['new', 'b'])
})
