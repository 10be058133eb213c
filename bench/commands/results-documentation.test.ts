import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { metrics } from '../metrics/table.ts'
import { doubtCodes } from '../record/slice.ts'

// docs/results.md is what other programs are written by: nothing of the format may be missing there.
const docs = join(import.meta.dirname, '../../docs')
const results = readFileSync(join(docs, 'results.md'), 'utf8')
const method = readFileSync(join(docs, 'method.md'), 'utf8')

/** Every name in backticks, dotted ones in their parts as well. */
const named = new Set(
  [...results.matchAll(/`([^`\n]+)`/g)].flatMap(([, code = '']) => code.split(/[^\w-]+/)).filter((name) => name !== ''),
)

/** Names of all fields and the values of all enumerations of a JSON Schema. */
function namesIn(schema: unknown): string[] {
  if (Array.isArray(schema)) return schema.flatMap(namesIn)
  if (typeof schema !== 'object' || schema === null) return []
  return Object.entries(schema).flatMap(([key, value]): string[] => {
    if (key === 'properties' && typeof value === 'object' && value !== null) {
      return [...Object.keys(value), ...Object.values(value).flatMap(namesIn)]
    }
    if (key === 'enum' && Array.isArray(value)) return value.map(String)
    if (key === 'const') return [String(value)]
    return namesIn(value)
  })
}

test('docs/results.md names every field and every value of an enumeration', () => {
  const schema: unknown = JSON.parse(readFileSync(join(docs, 'results.schema.json'), 'utf8'))
  const names = [...new Set(namesIn(schema))]
  expect(names.length).toBeGreaterThan(150)
  expect(names.filter((name) => !named.has(name) && !['1', 'authcost'].includes(name))).toEqual([])
})

test('docs/results.md names every metric with its unit', () => {
  const rows = results.split('\n').filter((line) => line.startsWith('| `'))
  const missing = metrics.filter(
    ({ id, unit }) => !rows.some((row) => row.includes(`\`${id}\``) && row.includes(`| ${unit} |`)),
  )
  expect(missing.map(({ id }) => id)).toEqual([])
})

test('docs/method.md explains every reason for doubt', () => {
  const rows = method.split('\n').filter((line) => line.startsWith('| `'))
  expect(doubtCodes.filter((code) => !rows.some((row) => row.split('|')[1]?.includes(`\`${code}\``)))).toEqual([])
})
