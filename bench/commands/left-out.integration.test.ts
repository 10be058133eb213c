import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { resultsSchema } from '../record/run.ts'
import { HarnessProcess } from './harness-process.fixture.ts'

const folder = mkdtempSync(join(tmpdir(), 'authcost-left-out-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** The example strategy under another name, with one line replaced. */
function brokenStrategy(name: string, line: string, instead: string): string {
  const example = readFileSync(join(import.meta.dirname, '../../docs/examples/my-strategy.js'), 'utf8')
  expect(example).toContain(line)
  const file = join(folder, `${name}.js`)
  writeFileSync(file, example.replace("name: 'api-key'", `name: '${name}'`).replace(line, instead))
  return file
}

test('a strategy that throws or ends its server before anything is timed is left out, and the others are measured', async () => {
  const throwing = brokenStrategy(
    'throwing',
    'seededCredentials: async (users, options) => users.map((user) => headersFor(user, options)),',
    "seededCredentials: async () => { throw new Error('no keys today') },",
  )
  const dying = brokenStrategy(
    'dying',
    "if (typeof key !== 'string' || key.length > 1024) return { refused: 'malformed' }",
    "if (typeof key !== 'string' || !key.includes('.')) process.exit(7)",
  )
  await using harness = new HarnessProcess([
    ...['run', throwing, dying, 'jwt:alg=HS256', '--profile', 'quick', '--postgres', 'embedded'],
    ...['--restarts', '1', '--rounds', '1', '--sessions', '500', '--users', '100'],
  ])
  expect(await harness.ended).toBe(3)
  const { plan, slices, run, warnings } = resultsSchema.parse(harness.results())
  expect(run.state).toBe('complete')
  const states = plan.variants.filter(({ role }) => role === 'candidate').map(({ id, state }) => [id, state])
  expect(states).toEqual([
    ['throwing', { leftOut: expect.stringContaining('no keys today') }],
    ['dying', { leftOut: expect.any(String) }],
    ['jwt:alg=HS256', 'measured'],
  ])
  expect(new Set(slices.map(({ variant }) => variant))).toEqual(new Set(['none', 'none#twin', 'jwt:alg=HS256']))
  expect(warnings.filter(({ code }) => code === 'variant-left-out')).toHaveLength(2)
}, 120_000)
