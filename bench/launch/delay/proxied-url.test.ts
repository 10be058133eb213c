import pg from 'pg'
import { expect, test } from 'vitest'
import { proxiedUrl, upstreamOf } from './proxied-url.ts'

const password = 'p%40ss%2Fw%3Frd'

test.each([
  [`postgres://me:${password}@127.0.0.1:5433/db`, { host: '127.0.0.1', port: 5433 }],
  [`postgres://me:${password}@db.example.com/db`, { host: 'db.example.com', port: 5432 }],
  [`postgresql://me@[::1]:5434/db`, { host: '::1', port: 5434 }],
  [`postgres://me@ignored:1/db?host=10.0.0.7&port=6543`, { host: '10.0.0.7', port: 6543 }],
  [`postgres:///db`, { host: 'localhost', port: 5432 }],
  [`postgres://me@db.example.com/db?sslmode=no-verify`, { host: 'db.example.com', port: 5432 }],
  [`postgres://me@db.example.com/db?sslmode=disable`, { host: 'db.example.com', port: 5432 }],
  [`postgres://me@db.example.com/db?uselibpqcompat=true&sslmode=require`, { host: 'db.example.com', port: 5432 }],
])('the upstream of %s', (url, upstream) => {
  expect(upstreamOf(url)).toEqual(upstream)
})

test.each([
  'postgres://me:canary@localhost/db?host=/var/run/postgresql',
  'postgres://me:canary@%2Fvar%2Frun%2Fpostgresql/db',
])('a Unix socket is refused without showing the address', (url) => {
  expect(() => upstreamOf(url)).toThrow(expect.objectContaining({ code: 'usage.db-delay', exitCode: 2 }))
  expect(() => upstreamOf(url)).not.toThrow(/canary/)
})

test.each([
  'sslmode=verify-full',
  'sslmode=verify-ca',
  'sslmode=require',
  'sslmode=prefer',
  'ssl=true',
  'sslrootcert=/ca.pem',
  'uselibpqcompat=true&sslmode=verify-full',
])('an address whose host name is verified (%s) is refused', (parameters) => {
  expect(() => upstreamOf(`postgres://me:canary@db.example.com/db?${parameters}`)).toThrow(
    expect.objectContaining({ code: 'usage.db-delay', exitCode: 2 }),
  )
})

test.each([
  `postgres://me:${password}@db.example.com:5433/db?application_name=x`,
  `postgres://me:${password}@ignored:1/db?host=10.0.0.7&port=6543&application_name=x`,
  `postgres://me:${password}@[::1]/db?application_name=x`,
])('node-postgres goes through the proxy as the same user to the same database: %s', (url) => {
  const before = new pg.Client({ connectionString: url })
  const after = new pg.Client({ connectionString: proxiedUrl(url, 40_000) })
  expect([after.host, after.port]).toEqual(['127.0.0.1', 40_000])
  expect([after.user, after.password, after.database]).toEqual([before.user, before.password, before.database])
  expect(after.password).toBe('p@ss/w?rd')
  expect(proxiedUrl(url, 40_000)).toContain('application_name=x')
})

test('an address without a host goes through the proxy too', () => {
  expect(new URL(proxiedUrl('postgres:///db', 40_000)).host).toBe('127.0.0.1:40000')
})
