import { describe, expect, test } from 'vitest'
import { createRandom } from '../statistics/random.ts'
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

describe('clients whose credential lapses', () => {
  const held = ['cached 1', 'cached 2'].map((text) => Buffer.from(text))
  const requests = ['lapsed 1', 'lapsed 2'].map((text) => Buffer.from(text))
  const lapsing = () => {
    const clients = new Renewing([held], 10, { requests, random: createRandom(1, 'lapses') })
    return { clients, asked: (user: number, atMs: number) => clients.requestOf(user, atMs * ms)?.toString() }
  }

  test('send something else once whenever its time is over', () => {
    const { asked } = lapsing()
    asked(0, 0)
    expect([20, 21, 29, 30, 31, 55, 56].map((at) => asked(0, at))).toEqual([
      'lapsed 1',
      'cached 1',
      'cached 1',
      'lapsed 1',
      'cached 1',
      'lapsed 1',
      'cached 1',
    ])
    expect([57, 58].map((at) => asked(1, at))).toEqual(['lapsed 2', 'cached 2'])
  })

  test('do not all begin at once: the first time ends at any moment of a period', () => {
    const users = 1000
    const many = Array.from({ length: users }, () => Buffer.from('cached'))
    const lapsed = many.map(() => Buffer.from('lapsed'))
    const clients = new Renewing([many], 10, { requests: lapsed, random: createRandom(1, 'lapses') })
    for (let user = 0; user < users; user++) clients.requestOf(user, 0)
    const by = (atMs: number) => many.filter((_, user) => clients.requestOf(user, atMs * ms) === lapsed[user]).length
    const [first, second] = [by(3), by(8)]
    expect(first / users).toBeCloseTo(0.3, 1)
    expect(second / users).toBeCloseTo(0.5, 1)
  })

  test('lapse in a drawn share of the requests where that is asked for, and their clock stands still meanwhile', () => {
    const { clients, asked } = lapsing()
    asked(0, 0)
    expect(asked(0, 20)).toBe('lapsed 1')
    clients.drawLapses({ share: 0.3, random: createRandom(2) }, 25 * ms)
    const drawn = Array.from({ length: 1000 }, (_, request) => asked(0, 25 + request))
    expect(drawn.filter((text) => text === 'lapsed 1').length / 1000).toBeCloseTo(0.3, 1)
    clients.drawLapses({ share: 0, random: createRandom(3) }, 2000 * ms)
    expect(asked(0, 2500)).toBe('cached 1')
    clients.drawLapses(undefined, 3000 * ms)
    expect([3000, 3004, 3005, 3006].map((at) => asked(0, at))).toEqual(['cached 1', 'cached 1', 'lapsed 1', 'cached 1'])
  })
})
