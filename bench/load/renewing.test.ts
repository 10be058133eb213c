import { expect, test } from 'vitest'
import { Renewing } from './renewing.ts'

const generations = ['a', 'b', 'c'].map((name) => [1, 2].map((user) => Buffer.from(`${name}${user}`)))
const ms = 1e6

test('a client keeps its credential for its time, from its first request on, and then comes with the next', () => {
  const clients = new Renewing(generations, 10)
  const asked = (user: number, atMs: number) => clients.requestOf(user, atMs * ms)?.toString()
  expect([asked(0, 5), asked(0, 14.9), asked(0, 40), asked(0, 49), asked(0, 50)]).toEqual([
    'a1',
    'a1',
    'b1',
    'b1',
    'c1',
  ])
})

test('clients go through their credentials each at their own pace, and begin anew after the last', () => {
  const clients = new Renewing(generations, 10)
  const asked = (user: number, atMs: number) => clients.requestOf(user, atMs * ms)?.toString()
  expect([0, 10, 20, 30].map((at) => asked(0, at))).toEqual(['a1', 'b1', 'c1', 'a1'])
  expect(asked(1, 30)).toBe('a2')
})

test('a client whose credential lapses sends something else once, at first and whenever its time is over', () => {
  const held = ['cached 1', 'cached 2'].map((text) => Buffer.from(text))
  const lapsed = ['lapsed 1', 'lapsed 2'].map((text) => Buffer.from(text))
  const clients = new Renewing([held], 10, lapsed)
  const asked = (user: number, atMs: number) => clients.requestOf(user, atMs * ms)?.toString()
  expect([0, 1, 9, 10, 11, 35, 36].map((at) => asked(0, at))).toEqual([
    'lapsed 1',
    'cached 1',
    'cached 1',
    'lapsed 1',
    'cached 1',
    'lapsed 1',
    'cached 1',
  ])
  expect([36, 37].map((at) => asked(1, at))).toEqual(['lapsed 2', 'cached 2'])
})
