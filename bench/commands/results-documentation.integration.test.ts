import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { estimate } from '../estimates/estimate.ts'
import { exampleResults } from '../estimates/slice.fixture.ts'
import { exampleSweep } from '../estimates/tuning/pool-sweep.fixture.ts'
import { anyQuantileNs, decodeHistogram } from '../statistics/histogram.ts'

// The examples of docs/results.md are programs of others in small: they are run as they stand there.
const root = join(import.meta.dirname, '../..')
const page = readFileSync(join(root, 'docs/results.md'), 'utf8')
const recorded = exampleResults({
  loads: [{ mode: 'saturation', connections: 10 }],
  doubtfulShare: 0.1,
  estimated: false,
})
let folder = ''

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'authcost-example-'))
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  writeFileSync(join(folder, 'results.json'), JSON.stringify(recorded))
})

afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

/** Runs the block below `<!-- example: name -->` on the example results and answers what it prints. */
function runExample(name: string, results = 'results.json'): unknown {
  const code = new RegExp(`<!-- example: ${name} -->\\n\`\`\`js\\n([\\s\\S]*?)\`\`\``).exec(page)?.[1]
  if (code === undefined) throw new Error(`docs/results.md has no example "${name}".`)
  const script = join(folder, `${name}.mjs`)
  writeFileSync(script, code)
  return JSON.parse(execFileSync(process.execPath, [script, join(folder, results)], { encoding: 'utf8' }))
}

/** The same run, its cores slower for a while in two of its rounds, and a slice whose speed could not be sampled. */
const disturbed = {
  ...recorded,
  slices: recorded.slices.map((slice, index) => {
    const slowness = 1 + 0.3 * (slice.round % 2) + (index % 7) / 50
    const coreSpeed =
      index === 3
        ? { absent: 'the speed probe ended' }
        : { workUs: 49 * slowness, fastestWorkUs: 48, samples: 48, probeCpuUs: 2500, sharedCores: true }
    return { ...slice, app: { ...slice.app, cpuUs: slice.app.cpuUs * slowness }, coreSpeed }
  }),
}

test.each([
  ['as it was read', recorded],
  ['at one speed of the cores', disturbed],
])('the worked example gives the estimate of a session at saturation, CPU %s', (_, results) => {
  const analysis = estimate(results)
  writeFileSync(join(folder, 'session.json'), JSON.stringify({ ...results, ...analysis }))
  const ours = analysis.estimates.find(
    ({ variant, baseline, metric, kind }) =>
      variant === 'session' && baseline === 'none' && metric === 'appCpuUsPerRequest' && kind === 'cost',
  )
  if (ours === undefined) throw new Error('The example results give no such estimate.')
  expect(ours.method).toBe('restart-medians-t')
  expect(runExample('estimate', 'session.json')).toEqual({
    value: expect.closeTo(ours.value, 9),
    low: expect.closeTo(ours.low, 5),
    high: expect.closeTo(ours.high, 5),
    restarts: ours.restarts,
  })
})

test('another library reads the histograms, and its p99 lies in the bucket of ours', () => {
  const slice = recorded.slices.find(({ variant }) => variant === 'session')
  const ours = slice === undefined ? undefined : anyQuantileNs(decodeHistogram(slice.latency), 0.99)
  if (ours === undefined) throw new Error('The example results have no session.')
  const theirs = Number(runExample('percentile')) * 1000
  expect(Math.abs(theirs / ours - 1)).toBeLessThan(0.002)
})

test('the throughput of one pool over another can be made from the slices', () => {
  const sweep = exampleSweep({ connections: [64], delaysUs: [0], tokens: [] })
  writeFileSync(join(folder, 'sweep.json'), JSON.stringify(sweep))
  const [recommendation] = estimate(sweep).tuning?.pool?.recommendations ?? []
  expect(recommendation?.answer).toEqual({ state: 'settled', poolSize: 5 })
  const ours = recommendation?.customary.find(({ rule }) => rule === 'node-postgres-default')?.throughputRatio
  if (ours === undefined || 'absent' in ours) throw new Error('Both pools were measured.')
  expect(runExample('pools', 'sweep.json')).toEqual({
    value: expect.closeTo(ours.value, 9),
    low: expect.closeTo(ours.low, 7),
    high: expect.closeTo(ours.high, 7),
  })
})
