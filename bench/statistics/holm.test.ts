import fc from 'fast-check'
import { expect, test } from 'vitest'
import { holmAdjusted } from './holm.ts'

test('p values are adjusted as Holm (1979) has it', () => {
  // By hand: 4 x 0.005, 3 x 0.01, 2 x 0.03, and 1 x 0.04 raised to the one before.
  const adjusted = holmAdjusted([0.01, 0.04, 0.03, 0.005])
  ;[0.03, 0.06, 0.06, 0.02].forEach((p, i) => {
    expect(adjusted[i]).toBeCloseTo(p, 12)
  })
})

test('a single test stays as it is, and nothing exceeds 1', () => {
  expect(holmAdjusted([0.04])).toEqual([0.04])
  expect(holmAdjusted([0.9, 0.8])).toEqual([1, 1])
})

test('adjusting never lowers a p and keeps their order', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 20 }), (ps) => {
      const adjusted = holmAdjusted(ps)
      ps.forEach((p, i) => {
        expect(adjusted[i]).toBeGreaterThanOrEqual(p)
        ps.forEach((other, j) => {
          if (p < other) expect(adjusted[i]).toBeLessThanOrEqual(adjusted[j] ?? 0)
        })
      })
    }),
  )
})
