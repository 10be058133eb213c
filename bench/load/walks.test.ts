import { expect, test } from 'vitest'
import { sequenceLength } from '../plan/sequence-length.ts'
import { Walks } from './walks.ts'

const options = { seed: 7, zipfExponent: 1, users: 500, connections: 3, walk: '0', kind: 'closed' }

test('every variant of a restart is asked for the same users, drawn once', () => {
  const walks = new Walks()
  const first = walks.sequences(options)
  expect(walks.sequences({ ...options })).toBe(first)
  expect(new Walks().sequences(options)).toEqual(first)
  expect(first.map(({ length }) => length)).toEqual([sequenceLength, sequenceLength, sequenceLength])
  expect(Math.max(...first.flatMap((sequence) => [...sequence]))).toBeLessThan(500)
})

test.each([{ walk: '1' }, { kind: 'open' }, { seed: 8 }, { users: 400 }, { zipfExponent: 0.5 }])(
  'other users are asked for with %j',
  (change) => {
    const walks = new Walks()
    const first = walks.sequences(options)
    expect(walks.sequences({ ...options, ...change })).not.toEqual(first)
    expect(walks.sequences(options)).toEqual(first)
  },
)

test('no two connections march in lockstep, and more of them leave the first as they are', () => {
  const walks = new Walks()
  const [first, second] = walks.sequences(options)
  expect(first).not.toEqual(second)
  expect(walks.sequences({ ...options, connections: 8 }).slice(0, 3)).toEqual(walks.sequences(options))
})
