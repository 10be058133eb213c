import { expect, test } from 'vitest'
import { parseVariant } from '../../servers/strategies/table.ts'
import { runWarnings } from './run-warnings.ts'

const variant = parseVariant('session')

/** Warnings about a variant whose 200 requests made so many queries by the pool's count and by Postgres' own. */
const warningsOf = (counted: number, pgStatStatements: number | { absent: string }): string[] =>
  runWarnings(
    [
      {
        planned: { key: variant.id, role: 'candidate', variant },
        checks: [],
        queryCount: { variant: variant.id, requests: 200, counted, pgStatStatements },
        credentialBytes: 77,
        state: 'measured',
      },
    ],
    false,
  ).map(({ code }) => code)

test('a library that asks Postgres past the pool is named', () => {
  expect(warningsOf(0, 200)).toEqual(['queries-miscounted'])
  expect(warningsOf(200, 400)).toEqual(['queries-miscounted'])
})

test('stray statements of other servers are not taken for it', () => {
  expect(warningsOf(200, 200)).toEqual([])
  expect(warningsOf(0, 3)).toEqual([])
  expect(warningsOf(199, 200)).toEqual([])
  expect(warningsOf(0, { absent: 'pg_stat_statements is not there' })).toEqual([])
})
