import { expect, test } from 'vitest'
import { leastBadShare } from '../plan/input.ts'
import { sequenceLength } from '../plan/sequence-length.ts'
import type { BadKind } from '../record/slice.ts'
import { createRandom } from '../statistics/random.ts'
import { mixBadRequests } from './request-set.ts'

const goodRequests = 100
const badKinds: readonly BadKind[] = ['absent', ...new Array(8).fill('forged'), ...new Array(8).fill('expired')]
const good = (): Uint32Array => Uint32Array.from({ length: sequenceLength }, (_, index) => index % goodRequests)

const mixed = (share: number, seed = 1): Uint32Array =>
  mixBadRequests(good(), { goodRequests, badKinds }, share, createRandom(seed, 'test'))
const bad = (sequence: Uint32Array): number[] => [...sequence].filter((index) => index >= goodRequests)

test.each([0.01, 0.1, 0.5, 1])('a walk has exactly its share of bad requests: %d', (share) => {
  expect(bad(mixed(share))).toHaveLength(Math.round(share * sequenceLength))
})

test('the least share that a plan takes is one request of a walk', () => {
  expect(bad(mixed(leastBadShare))).toHaveLength(1)
})

test('the kinds come as often as one another, however many credentials each has', () => {
  const counts = new Map<BadKind | undefined, number>()
  for (const index of bad(mixed(0.3))) {
    const kind = badKinds[index - goodRequests]
    counts.set(kind, (counts.get(kind) ?? 0) + 1)
  }
  expect([...counts.keys()].toSorted()).toEqual(['absent', 'expired', 'forged'])
  expect(Math.max(...counts.values()) - Math.min(...counts.values())).toBeLessThanOrEqual(1)
})

test('every credential of a kind is used', () => {
  expect(new Set(bad(mixed(0.5))).size).toBe(badKinds.length)
})

test('the good requests that remain are those of the walk without bad ones', () => {
  const without = good()
  const sequence = mixed(0.2)
  for (const [place, index] of sequence.entries()) if (index < goodRequests) expect(index).toBe(without[place])
})

test('the same seed mixes alike, another one otherwise', () => {
  expect(mixed(0.1, 5)).toEqual(mixed(0.1, 5))
  expect(mixed(0.1, 5)).not.toEqual(mixed(0.1, 6))
})
