import { afterAll, beforeEach, expect, test, vi } from 'vitest'
import type { CountedDatabase } from '../contract/strategy.ts'
import { hashPassword } from './passwords.ts'
import { serverWith } from './strategy-under-test.fixture.ts'

const hashed = vi.hoisted(() => ({ costs: [] as Partial<Record<'N' | 'r' | 'p', number | undefined>>[] }))
vi.mock('node:crypto', async (original) => {
  const crypto = await original<typeof import('node:crypto')>()
  return {
    ...crypto,
    scrypt: (...given: Parameters<typeof crypto.scrypt>) => {
      const { N, r, p } = given[3]
      hashed.costs.push({ N, r, p })
      crypto.scrypt(...given)
    },
  }
})

const passwordHash = await hashPassword('the right password')
/** Knows one user with a password, and one who was seeded without. */
const database: CountedDatabase = {
  async query<Row>({ values }: { readonly values: unknown[] }) {
    const hashes = new Map<unknown, string | null>([
      ['known', passwordHash],
      ['seeded', null],
    ])
    const stored = hashes.get(values[0])
    const row = { userId: 1, username: values[0], role: 'member', passwordHash: stored }
    const rows: unknown[] = stored === undefined ? [] : [row]
    return { rows: rows as Row[], rowCount: rows.length }
  },
  transaction: () => Promise.reject(new Error('a login needs no transaction')),
}
const { app } = await serverWith('sealed', { database })
afterAll(() => app.close())
beforeEach(() => {
  hashed.costs.length = 0
})

const logIn = (username: string, password: string) =>
  app.inject({ method: 'POST', url: '/login', payload: { username, password } })

test.each([
  ['a wrong password', 'known'],
  ['a user without a password', 'seeded'],
  ['an unknown user', 'nobody'],
])('%s costs one hash, as dear as that of the right password', async (_what, username) => {
  await logIn('known', 'the right password')
  const right = [...hashed.costs]
  expect(right).toHaveLength(1)
  hashed.costs.length = 0
  const answer = await logIn(username, 'the wrong password')
  expect([answer.statusCode, answer.json().code]).toEqual([401, 'wrong-login'])
  expect(hashed.costs).toEqual(right)
})
