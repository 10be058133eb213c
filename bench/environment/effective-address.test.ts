import pg from 'pg'
import { expect, test } from 'vitest'
import { effectiveAddress } from './effective-address.ts'

const used = { host: 'db.example', port: 5433, user: 'me', password: 'a b%2F&c=d+e?#/@' }

/** What node-postgres makes of an address where no variable of the environment says anything. */
const readBy = (address: URL) => {
  const { host, port, user, password } = new pg.Client({ connectionString: address.href })
  return { host, port, user, password }
}

test.each(['postgres:///test', 'postgres:///test?sslmode=disable'])(
  'what %s leaves open is in the address afterwards, whatever characters it has',
  (address) => {
    expect(readBy(effectiveAddress(new URL(address), used))).toEqual(used)
  },
)

test.each([
  ['postgres://you@elsewhere:5434/test', { ...used, host: 'elsewhere', port: 5434, user: 'you' }],
  ['postgres://you:known@elsewhere:5434/test', { host: 'elsewhere', port: 5434, user: 'you', password: 'known' }],
  [
    'postgres://elsewhere/test?port=5434&user=you&password=known&host=there',
    { ...used, host: 'there', port: 5434, user: 'you', password: 'known' },
  ],
])('what %s says stays', (address, expected) => {
  expect(readBy(effectiveAddress(new URL(address), used))).toEqual(expected)
})

test('a socket is found by the environment too', () => {
  const socket = { ...used, host: '/run/postgresql' }
  expect(readBy(effectiveAddress(new URL('postgres:///test'), socket))).toEqual(socket)
})

test('an address that leaves nothing open, or only what is usual, stays as it was', () => {
  const usual = { host: 'localhost', port: 5432, user: 'me', password: null }
  for (const address of ['postgres://me@localhost/test', 'postgres://me:secret@db:5433/test?sslmode=disable'])
    expect(effectiveAddress(new URL(address), usual).href).toBe(address)
})
