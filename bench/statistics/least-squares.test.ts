import { expect, test } from 'vitest'
import { lineThrough } from './least-squares.ts'

test('finds the line that points lie on', () => {
  const line = lineThrough([0.1, 0.4, 0.5].map((x) => ({ x, y: 60 + 80 * x })))
  expect(line?.at0).toBeCloseTo(60, 9)
  expect(line?.slope).toBeCloseTo(80, 9)
})

test('leaves the smallest squares: those of y = x through (0, 0), (1, 2), (2, 1), (3, 3) by hand', () => {
  const line = lineThrough([
    { x: 0, y: 0 },
    { x: 1, y: 2 },
    { x: 2, y: 1 },
    { x: 3, y: 3 },
  ])
  expect(line?.at0).toBeCloseTo(0.3, 9)
  expect(line?.slope).toBeCloseTo(0.8, 9)
})

test('finds none through points with one x, nor through none', () => {
  expect(
    lineThrough([
      { x: 1, y: 1 },
      { x: 1, y: 2 },
    ]),
  ).toBeUndefined()
  expect(lineThrough([])).toBeUndefined()
})
