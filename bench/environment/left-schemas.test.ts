import { expect, test } from 'vitest'
import { dropLeftSchemas } from './left-schemas.ts'

/** A connection that answers the dropping of some schemas with an error of Postgres. */
function dropping(refusals: Readonly<Record<string, string>>) {
  const statements: string[] = []
  const forgotten: string[] = []
  const notices: string[] = []
  const abort = new AbortController()
  const client = {
    escapeIdentifier: (name: string) => `"${name}"`,
    query: async (statement: string) => {
      statements.push(statement)
      const code = Object.entries(refusals).find(([schema]) => statement.includes(schema))?.[1]
      if (code !== undefined) throw Object.assign(new Error('refused'), { code })
    },
  }
  const drop = (schemas: readonly string[]) =>
    dropLeftSchemas(client, schemas, {
      signal: abort.signal,
      forget: (schema) => forgotten.push(schema),
      log: (line) => notices.push(line),
    })
  return { drop, statements, forgotten, notices, abort }
}

test('a schema that cannot be dropped stays noted, is told with what to do, and keeps no other from being dropped', async () => {
  const { drop, forgotten, notices } = dropping({ authcost_a: '42501', authcost_b: '55P03', authcost_c: 'XX000' })
  await drop(['authcost_a', 'authcost_b', 'authcost_c', 'authcost_d'])
  expect(forgotten).toEqual(['authcost_d'])
  expect(notices).toEqual([
    expect.stringMatching(/authcost_a.*another user.*DROP SCHEMA IF EXISTS "authcost_a" CASCADE/),
    expect.stringMatching(/authcost_b.*keeps it locked.*next run tries again/),
    expect.stringMatching(/authcost_c.*XX000.*next run tries again/),
    expect.stringMatching(/^Dropped the schema authcost_d/),
  ])
})

test('no lock is waited for without end', async () => {
  const { drop, statements } = dropping({})
  await drop(['authcost_a'])
  expect(statements[0]).toMatch(/^SET lock_timeout/)
  expect(statements[1]).toMatch(/^DROP SCHEMA/)
})

test('Ctrl-C is heard between two schemas', async () => {
  const { drop, statements, abort } = dropping({})
  abort.abort()
  await expect(drop(['authcost_a'])).rejects.toThrow()
  expect(statements).toEqual([])
})
