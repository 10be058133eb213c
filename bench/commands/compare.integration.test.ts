import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { packageRoot } from '../environment/compiled-path.ts'
import { fixtureVariants } from '../estimates/plan.fixture.ts'
import { exampleResults } from '../estimates/slice.fixture.ts'
import type { Results } from '../record/run.ts'

const folder = mkdtempSync(join(tmpdir(), 'authcost-compare-test-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const loads = [{ mode: 'saturation', connections: 10 }] as const
const file = (name: string, results: Results): string => {
  const path = join(folder, `${name}.json`)
  writeFileSync(path, JSON.stringify({ ...results, run: { ...results.run, id: name } }))
  return path
}
const before = file('before', exampleResults({ seed: 1, loads }))
const same = file('same', exampleResults({ seed: 2, loads }))
const dearer = file(
  'dearer',
  exampleResults({
    seed: 2,
    loads,
    variants: fixtureVariants.map((variant) =>
      variant.id === 'session' ? { ...variant, appSaturationUs: variant.appSaturationUs * 1.4 } : variant,
    ),
  }),
)

const fewerVariants = file(
  'fewer-variants',
  exampleResults({ seed: 2, loads, variants: fixtureVariants.filter(({ id }) => id !== 'jwt:alg=RS256') }),
)

function compare(...options: readonly string[]) {
  const main = join(packageRoot(import.meta.dirname), 'dist', 'main.js')
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, 'compare', ...options], {
    encoding: 'utf8',
    env: { ...process.env, COLUMNS: '72' },
  })
  return { status, stdout, stderr }
}

test('4 for a regression that is shown, named in the first line', () => {
  const { status, stdout } = compare(before, dearer, '--max-regression', '5%')
  expect(stdout.split('\n')[0]).toMatch(/^Regression beyond 5 %: Session/)
  expect(status).toBe(4)
})

test('0 where nothing got worse, and where no limit was given', () => {
  expect(compare(before, same, '--max-regression', '10%')).toMatchObject({ status: 0, stderr: '' })
  expect(compare(before, dearer).status).toBe(0)
})

test('what cannot be told passes, unless that is not accepted', () => {
  // Two runs alike, three restarts each, and a limit far below their intervals.
  const few = [1, 2].map((seed) => file(`few-${seed}`, exampleResults({ seed, loads, restarts: 3 })))
  const limit = [...few, '--max-regression', '0.1%']
  const passed = compare(...limit)
  expect(passed.stdout.replaceAll('\n', ' ')).toMatch(/^No regression beyond 0\.1 % was shown: .* cannot be told/)
  expect(passed.status).toBe(0)
  const failed = compare(...limit, '--fail-on-undecided')
  expect(failed.stdout.replaceAll('\n', ' ')).toContain('which --fail-on-undecided does not accept')
  expect(failed.status).toBe(4)
  // A variant that the later run no longer measures is no longer shown to be within anything.
  const lost = [before, fewerVariants, '--max-regression', '100%']
  expect(compare(...lost)).toMatchObject({ status: 0, stdout: expect.stringContaining('only in the earlier run') })
  const refused = compare(...lost, '--fail-on-undecided')
  expect(refused.stdout.replaceAll('\n', ' ')).toContain('which --fail-on-undecided does not accept')
  expect(refused.status).toBe(4)
  // One that is new has nothing to be held against. Where all is decided there is nothing to fail on.
  expect(compare(fewerVariants, before, '--max-regression', '100%', '--fail-on-undecided').status).toBe(0)
  expect(compare(before, same, '--max-regression', '100%', '--fail-on-undecided').status).toBe(0)
})

test('a metric that is named twice is compared once', () => {
  const twice = ['--metric', 'totalCpuUsPerRequest, totalCpuUsPerRequest']
  const { status, stdout } = compare(before, same, ...twice, '--max-regression', '100%', '--fail-on-undecided')
  expect(stdout).toContain('5 of 5 figures')
  expect(status).toBe(0)
})

test('JSON of more than a pipe holds reaches a slow reader whole', () => {
  const [first = '', second = ''] = [1, 2].map((seed) => file(`all-${seed}`, exampleResults({ seed })))
  const main = join(packageRoot(import.meta.dirname), 'dist', 'main.js')
  const metrics =
    'latencyUs,totalCpuUsPerRequest,appCpuUsPerRequest,databaseCpuUsPerRequest,requestsPerSecond,queryUs,authStepUs'
  const program = [process.execPath, main, 'compare', first, second, '--json', '--metric', metrics]
  const read = (how: string) =>
    spawnSync('sh', ['-c', `"$0" "$@" ${how}`, ...program], { encoding: 'utf8', maxBuffer: 2 ** 24 }).stdout
  const whole = read(`> '${folder}/whole.json'; cat '${folder}/whole.json'`)
  expect(whole.length).toBeGreaterThan(2 ** 16)
  expect(read('| (sleep 0.5; cat)')).toBe(whole)
})

test('Markdown and JSON say the same', () => {
  const markdown = compare(before, dearer, '--max-regression', '0.05', '--markdown')
  expect(markdown.stdout).toMatch(/\| Session \|.*\| REGRESSION \|/)
  const json = compare(before, dearer, '--max-regression', '5%', '--json')
  expect(JSON.parse(json.stdout)).toMatchObject({ before: 'before', after: 'dearer', maxRegression: 0.05 })
  expect([markdown.status, json.status]).toEqual([4, 4])
})

const truncated = join(folder, 'truncated.json')
writeFileSync(truncated, '{"schemaVersion":')
const otherMachine = file('other-machine', {
  ...exampleResults({ seed: 2, loads }),
  environment: {
    ...exampleResults({ restarts: 1, loads: [] }).environment,
    pinning: { absent: 'not Linux' },
  },
})
const otherVariants = file(
  'other-variants',
  exampleResults({ seed: 2, loads, variants: fixtureVariants.filter(({ role }) => role !== 'candidate') }),
)

test.each([
  [[before, join(folder, 'none.json')], /There is no /],
  [[before, truncated], /is not JSON/],
  [[before, before], /are the same run/],
  [[before, otherMachine], /differ in pinning .*--allow-differences/],
  [[before, otherVariants], /Nothing can be compared/],
  [[before, same, '--metric', 'speed'], /--metric "speed" cannot be compared\. There are: .*appCpuUsPerRequest/],
  [[before, same, '--fail-on-undecided'], /--fail-on-undecided goes with --max-regression/],
  [[before, same, '--max-regression', 'much'], /expected a share such as 10%/],
] as const)('2 for %j', (options, message) => {
  const { status, stderr } = compare(...options)
  expect(stderr).toMatch(message)
  expect(status).toBe(2)
})

test('unlike runs are compared where that is asked for, and the difference is told', () => {
  const { status, stdout } = compare(before, otherMachine, '--allow-differences')
  expect(status).toBe(0)
  expect(stdout).toContain('The runs differ in pinning')
})

test('a misspelt command is not taken for a strategy alone', () => {
  const main = join(packageRoot(import.meta.dirname), 'dist', 'main.js')
  const { status, stderr } = spawnSync(process.execPath, [main, 'comapre', before], { encoding: 'utf8' })
  expect(stderr).toMatch(/"comapre" is no command \(--help lists them\)\. There is no strategy "comapre"/)
  expect(status).toBe(2)
})

test('text keeps to the width that COLUMNS asks for', () => {
  const { stdout } = compare(before, same)
  const longest = Math.max(...stdout.split('\n').map((line) => line.length))
  expect(longest).toBeLessThanOrEqual(72)
})

test('an unknown option says where the options stand', () => {
  const { status, stderr } = compare(before, same, '--max-regresion', '5%')
  expect(stderr).toMatch(/Did you mean --max-regression\?[\s\S]*Run with --help/)
  expect(status).toBe(2)
})
