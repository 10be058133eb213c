import { expect, test } from 'vitest'
import { exampleWithCompanions } from '../estimates/companions.fixture.ts'
import { exampleInTwoSets } from '../estimates/other-sets.fixture.ts'
import { exampleResults } from '../estimates/slice.fixture.ts'
import { loadSections, pairSections } from './sections.ts'

test('where more than app and database was asked, the table of a load has a column of all CPU that says what', () => {
  const [section] = loadSections(exampleWithCompanions(30))
  const column = section?.columns.findIndex(({ label }) => label === 'All CPU cost, with Redis, auth service') ?? -1
  expect(section?.columns[column]?.unit).toBe('µs')
  const cellOf = (id: string) => section?.rows.find(({ variant }) => variant === id)?.cells[column]
  expect(cellOf('session')).toMatchObject({ kind: 'figure', value: expect.stringMatching(/^10\d/) })
  expect(cellOf('none')).toEqual({ kind: 'text', text: 'baseline' })
  const plain = loadSections(exampleResults({ restarts: 4, rounds: 2 }))
  expect(plain.flatMap(({ columns }) => columns.map(({ label }) => label)).join()).not.toContain('All CPU')
})

test('a total that could not be read says why', () => {
  const [section] = loadSections(exampleWithCompanions({ absent: 'not seen' }))
  const column = section?.columns.findIndex(({ label }) => label.startsWith('All CPU cost')) ?? -1
  const row = section?.rows.find(({ variant }) => variant === 'jwt:alg=HS256')
  expect(row?.cells[column]).toMatchObject({ kind: 'absent', reason: expect.stringContaining('not seen') })
})

test('a table of pairs names the candidates that stood in another set', () => {
  const [section] = pairSections(exampleInTwoSets({ restarts: 4 }))
  expect(section?.rows.map(({ label }) => label)).toEqual(['JWT HS256', 'JWT ES256'])
  expect(section?.note).toMatch(/ Not compared with JWT RS256, JWT EdDSA, which stood in another set\.$/)
  expect(pairSections(exampleResults({ restarts: 4 }))[0]?.note).not.toContain('Not compared')
})
