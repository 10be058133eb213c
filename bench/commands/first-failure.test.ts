import { expect, test } from 'vitest'
import { AuthcostError } from '../../servers/contract/errors.ts'
import { firstFailure } from './first-failure.ts'

const failing = (message: string): AsyncDisposable => ({
  [Symbol.asyncDispose]: () => Promise.reject(new Error(message)),
})

test('what failed is told, not what failed in cleaning up after it', async () => {
  const cause = new AuthcostError('redis.unreachable', 'Redis cannot be reached.')
  const error = await (async () => {
    await using _first = failing('first')
    await using _second = failing('second')
    throw cause
  })().catch((caught: unknown) => caught)
  expect(error).not.toBe(cause)
  expect(firstFailure(error)).toBe(cause)
})

test('any other error is itself', () => {
  const error = new Error('x')
  expect(firstFailure(error)).toBe(error)
  expect(firstFailure('text')).toBe('text')
})
