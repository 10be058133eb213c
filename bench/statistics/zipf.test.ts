import { expect, test } from 'vitest'
import { createRandom } from './random.ts'
import { createZipf, ranks } from './zipf.ts'

test('users are drawn by the popularity of their rank', () => {
  const random = createRandom(4)
  const order = ranks(100, random)
  const zipf = createZipf(order, 1)
  const counts = new Map<number, number>()
  for (let i = 0; i < 100_000; i++) {
    const user = zipf.draw(random)
    counts.set(user, (counts.get(user) ?? 0) + 1)
  }
  // Harmonic number of 100: numpy.sum(1 / numpy.arange(1, 101)) = 5.187377517639621
  for (const rank of [1, 2, 10]) {
    const expected = 100_000 / rank / 5.187377517639621
    expect(Math.abs((counts.get(order[rank - 1] ?? 0) ?? 0) - expected)).toBeLessThan(5 * Math.sqrt(expected))
  }
  expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => i + 1))
  expect(order.slice(0, 5)).not.toEqual([1, 2, 3, 4, 5])
})

test('an exponent of 0 draws all alike', () => {
  const random = createRandom(5)
  const zipf = createZipf(ranks(10, random), 0)
  const counts = new Array<number>(10).fill(0)
  for (let i = 0; i < 10_000; i++) {
    const user = zipf.draw(random)
    counts[user - 1] = (counts[user - 1] ?? 0) + 1
  }
  for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(150)
})
