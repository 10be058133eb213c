import { expect, it } from 'vitest'
import { serverWith } from '../app/strategy-under-test.fixture.ts'
import { seededIdentity } from '../contract/identity.ts'
import type { CountedDatabase } from '../contract/strategy.ts'
import { tokenCheck } from './introspection/create-introspection-strategy.ts'

const identity = seededIdentity(3)

it('a session that is ended while it is looked up does not stay in the cache', async () => {
  let row: object | undefined = { ...identity, expiresInMs: 60_000 }
  const waiting: (() => void)[] = []
  const database: CountedDatabase = {
    async query<Row>({ text }: { text: string }) {
      const rows: Row[] = []
      if (text.startsWith('DELETE')) row = undefined
      else if (row !== undefined) {
        Object.assign(rows, [row])
        await new Promise<void>((resolve) => waiting.push(resolve))
      }
      return { rows, rowCount: rows.length }
    },
    transaction: () => Promise.reject(new Error('not here')),
  }
  const { app } = await serverWith('session:cacheTtl=60s', { database })
  const headers = { cookie: `__Host-authcost-session=${'A'.repeat(43)}` }
  const first = app.inject({ url: '/me', headers }).then((answer) => answer.statusCode)
  while (waiting.length === 0) await new Promise((resolve) => setImmediate(resolve))
  expect((await app.inject({ method: 'POST', url: '/logout', headers })).statusCode).toBe(204)
  for (const goOn of waiting) goOn()
  expect(await first).toBe(200)
  expect((await app.inject({ url: '/me', headers })).statusCode).toBe(401)
  await app.close()
})

it('nor does a token that is ended while the auth service is asked', async () => {
  let answer = (_: { identity: typeof identity; expiresAtMs: number }) => {}
  const introspect = () =>
    new Promise<{ identity: typeof identity; expiresAtMs: number }>((resolve) => {
      answer = resolve
    })
  const { cache, check } = tokenCheck({ cacheTtl: '60s' }, { now: Date.now }, { introspect })
  const asked = async (between: () => void) => {
    const pending = check('token')
    between()
    answer({ identity, expiresAtMs: Date.now() + 60_000 })
    await pending
    return cache?.size
  }
  expect(await asked(() => cache?.delete('token'))).toBe(0)
  expect(await asked(() => {})).toBe(1)
})
