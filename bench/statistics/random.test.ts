import { expect, test } from 'vitest'
import { createRandom, shuffle } from './random.ts'
import { mean, standardDeviation } from './samples.ts'

const take = (seed: number, stream?: string): number[] => {
  const random = createRandom(seed, stream)
  return Array.from({ length: 5 }, () => random.next())
}

test('a seed and a stream fix the numbers; another of either changes them', () => {
  expect(take(7, 'a')).toEqual(take(7, 'a'))
  expect(take(7, 'a')).not.toEqual(take(8, 'a'))
  expect(take(7, 'a')).not.toEqual(take(7, 'b'))
  expect(take(7)).not.toEqual(take(7 + 2 ** 32))
})

test('uniform, normal and exponential numbers have their moments', () => {
  const random = createRandom(1)
  const many = (draw: () => number): number[] => Array.from({ length: 100_000 }, draw)
  const uniform = many(() => random.next())
  // Standard errors are 0.0009, 0.003 and 0.003: five of them.
  expect(mean(uniform)).toBeCloseTo(0.5, 2)
  expect(standardDeviation(uniform)).toBeCloseTo(Math.sqrt(1 / 12), 2)
  const normal = many(() => random.normal())
  expect(Math.abs(mean(normal))).toBeLessThan(0.016)
  expect(Math.abs(standardDeviation(normal) - 1)).toBeLessThan(0.016)
  expect(Math.abs(mean(many(() => random.exponential())) - 1)).toBeLessThan(0.016)
})

test('shuffling keeps the elements and gives every order its turn', () => {
  const random = createRandom(2)
  const seen = new Map<string, number>()
  for (let i = 0; i < 6000; i++) {
    const order = shuffle(['a', 'b', 'c'], random).join('')
    seen.set(order, (seen.get(order) ?? 0) + 1)
  }
  expect([...seen.keys()].sort()).toEqual(['abc', 'acb', 'bac', 'bca', 'cab', 'cba'])
  // 1,000 each, standard deviation 29: five of them.
  for (const count of seen.values()) expect(Math.abs(count - 1000)).toBeLessThan(145)
})
