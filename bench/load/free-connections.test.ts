import { expect, test } from 'vitest'
import { FreeConnections } from './free-connections.ts'

const connections = (instances: number, each: number) =>
  Array.from({ length: instances * each }, (_, index) => ({ index, instance: index % instances }))

test('app instances get requests in turn, however few connections are busy', () => {
  const free = new FreeConnections(connections(3, 4))
  const taken = Array.from({ length: 30 }, () => {
    const connection = free.take()
    if (connection !== undefined) free.give(connection)
    return connection?.instance
  })
  for (const instance of [0, 1, 2]) expect(taken.filter((one) => one === instance)).toHaveLength(10)
})

test('an instance whose connections are all busy is passed over, and nothing is left when all are', () => {
  const all = connections(2, 2)
  const free = new FreeConnections(all)
  const taken = all.map(() => free.take())
  expect(free.take()).toBeUndefined()
  expect(free.count).toBe(0)
  for (const one of taken) if (one?.instance === 1) free.give(one)
  expect([free.take()?.instance, free.take()?.instance]).toEqual([1, 1])
})

test('a single server gets its last freed connection first', () => {
  const free = new FreeConnections(connections(1, 3))
  const first = free.take()
  if (first !== undefined) free.give(first)
  expect(free.take()).toBe(first)
})
