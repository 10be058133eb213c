import { expect, test } from 'vitest'
import { exampleResults } from '../estimates/slice.fixture.ts'
import type { Results, RevocationLag } from '../record/run.ts'
import { renderMarkdown } from './markdown.ts'
import { revocationViews } from './revocation.ts'
import { propertySection } from './sections.ts'
import { renderTerminal } from './terminal.ts'

const results = exampleResults({ restarts: 3, rounds: 2 })
const withLags = (...revocation: RevocationLag[]): Results => ({
  ...results,
  checks: { ...results.checks, revocation },
})
const cached: RevocationLag = {
  variant: 'session',
  event: 'logout',
  lagMs: 740,
  atMostMs: 1000,
  formula: 'up to what the variant keeps: 1 s',
}

test('the measured lag stands beside the promise', () => {
  const { columns, rows } = propertySection(results)
  const promise = columns.findIndex(({ label }) => label === 'Revocation')
  expect(columns[promise + 1]?.label).toBe('Accepted after logout')
  const cells = rows.map(({ variant, cells }) => [variant, cells[promise], cells[promise + 1]])
  expect(cells).toContainEqual(['session', { kind: 'text', text: 'next request' }, { kind: 'text', text: '0 ms' }])
  expect(cells).toContainEqual([
    'jwt:alg=HS256',
    { kind: 'text', text: 'at expiry (15 min)' },
    { kind: 'text', text: '1.62 s of a 2 s lifetime' },
  ])
  expect(rows.every((row) => row.cells.length === columns.length)).toBe(true)
})

test('terminal and Markdown show the measured lag', () => {
  for (const text of [renderTerminal(results, { width: 200, colour: false }), renderMarkdown(results)]) {
    expect(text).toContain('Accepted after logout')
    expect(text).toContain('1.62 s of a 2 s lifetime')
  }
})

test('a lag that could not be found says why, and what the promise comes to', () => {
  const { columns, rows } = propertySection(withLags({ ...cached, lagMs: { absent: 'too long' } }))
  const at = columns.findIndex(({ label }) => label === 'Accepted after logout')
  expect(rows.find(({ variant }) => variant === 'session')?.cells[at]).toEqual({
    kind: 'absent',
    reason: 'too long; up to what the variant keeps: 1 s',
  })
})

test('results of before it was measured have no column for it', () => {
  const { revocation: _, ...checks } = results.checks
  const older = propertySection({ ...results, checks })
  expect(older.columns.map(({ label }) => label)).not.toContain('Accepted after logout')
  expect(older.rows.every((row) => row.cells.length === older.columns.length)).toBe(true)
})

test('the chart gets the measured lag, and what the promise comes to where it could not be waited for', () => {
  const views = (lag: RevocationLag) => revocationViews(withLags(lag)).map(({ lagS, measured }) => [lagS, measured])
  expect(views(cached)).toEqual([[0.74, true]])
  expect(views({ ...cached, lagMs: 0, atMostMs: 0 })).toEqual([[0, true]])
  expect(views({ ...cached, lagMs: 1620, lifetimeS: 2, atMostMs: 900_000 })).toEqual([[900, false]])
  expect(views({ ...cached, lagMs: { absent: 'too long' }, atMostMs: 30_000 })).toEqual([[30, false]])
  expect(views({ ...cached, lagMs: { absent: 'still' }, atMostMs: { absent: 'no bound' } })).toEqual([
    [undefined, false],
  ])
})

test('a change of role and a deleted user have columns of their own, where they were measured', () => {
  const headings = (...lags: RevocationLag[]) => propertySection(withLags(...lags)).columns.map(({ label }) => label)
  const own = ['Old role after its change', 'Accepted after deletion']
  expect(headings(cached, { ...cached, event: 'role-change' }, { ...cached, event: 'user-deletion' })).toEqual(
    expect.arrayContaining(own),
  )
  for (const heading of own) expect(headings(cached)).not.toContain(heading)
})
