import { expect, test } from 'vitest'
import { routeOf } from './external.ts'

test.each([
  ['postgres://me@127.0.0.1:5432/db', 'loopback'],
  ['postgres://me@127.8.0.1/db', 'loopback'],
  ['postgres://me@localhost/db', 'loopback'],
  ['postgres://me@[::1]:5432/db', 'loopback'],
  // A name may begin like an address.
  ['postgres://me@127.example.org/db', 'remote'],
  ['postgres://me@10.0.0.7/db', 'remote'],
  ['postgres://me@localhost/db?host=/run/postgresql', 'unix-socket'],
  ['postgres://%2Frun%2Fpostgresql/db', 'unix-socket'],
] as const)('%s is reached by %s', (url, route) => {
  expect(routeOf(new URL(url))).toBe(route)
})
