import { expect, test } from 'vitest'
import { parsePrecision } from './precision.ts'

test('a precision is a half-width in microseconds or a share', () => {
  expect(parsePrecision('1us')).toEqual({ kind: 'absolute', halfWidth: 1 })
  expect(parsePrecision('0.5 ms')).toEqual({ kind: 'absolute', halfWidth: 500 })
  expect(parsePrecision('5%')).toEqual({ kind: 'relative', share: 0.05 })
})

test.each(['', '0us', '-1us', '5', 'us', '1s', '5%%'])('"%s" is refused with an example', (text) => {
  expect(() => parsePrecision(text)).toThrow(/for example 1us or 5%/)
})
