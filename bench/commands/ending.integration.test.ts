import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { resultsSchema } from '../record/run.ts'
import { HarnessProcess } from './harness-process.fixture.ts'

const short = ['run', 'session', '--profile', 'quick', '--sessions', '2000', '--users', '200']
const embedded = [...short, '--postgres', 'embedded']

// Two at a time (maxConcurrency): each in a folder of its own, and nothing here is about how long something takes.
const isMeasuring = /restart 1 of \d+, saturation/

test.concurrent.each([
  ['SIGINT', 'to everybody, as from a terminal', 130],
  ['SIGTERM', 'to npm alone', 143],
] as const)(
  '%s %s while `npm run bench` measures keeps what was measured and leaves nothing behind',
  async (signal, whom, exitCode) => {
    await using harness = new HarnessProcess(embedded, {}, 'npm')
    await harness.shows(isMeasuring)
    await harness.hasMeasured()
    const pids = harness.descendants().map(({ pid }) => pid)
    expect(pids.length).toBeGreaterThan(5)
    if (whom === 'to npm alone') harness.child.kill(signal)
    else harness.interrupt(signal)
    expect(await harness.ended).toBe(exitCode)
    expect(await harness.allGone(pids)).toBe(true)
    const results = resultsSchema.parse(harness.results())
    expect(results.run.state).toBe('interrupted')
    expect(results.slices.length).toBeGreaterThan(0)
    expect(readFileSync(join(harness.folder, 'reports', 'latest', 'index.html'), 'utf8')).toContain('</html>')
    expect(harness.leftovers()).toEqual([])
  },
  120_000,
)

test.concurrent('Ctrl-C that ends the reader of the output as well (`| tee`) stops the run in order all the same', async () => {
  await using harness = new HarnessProcess(embedded)
  await harness.shows(isMeasuring)
  await harness.hasMeasured()
  const pids = harness.descendants().map(({ pid }) => pid)
  harness.child.stdout?.destroy()
  harness.child.stderr?.destroy()
  harness.interrupt('SIGINT')
  expect(await harness.ended).toBe(130)
  expect(resultsSchema.parse(harness.results()).run.state).toBe('interrupted')
  expect(readFileSync(join(harness.folder, 'reports', 'latest', 'index.html'), 'utf8')).toContain('</html>')
  expect(await harness.allGone(pids)).toBe(true)
  expect(harness.leftovers()).toEqual([])
}, 120_000)

test.concurrent.each(['starting Postgres', 'settling', 'against the table of attacks', 'starting and warming up'])(
  'Ctrl-C during "%s" ends with 130 and leaves nothing behind',
  async (phase) => {
    await using harness = new HarnessProcess(embedded)
    await harness.shows(phase)
    const pids = harness.descendants().map(({ pid }) => pid)
    harness.interrupt('SIGINT')
    expect(await harness.ended).toBe(130)
    expect(await harness.allGone(pids)).toBe(true)
    expect(harness.leftovers()).toEqual([])
  },
  120_000,
)

test.concurrent('a run under way cannot be gone on with beside it; after SIGKILL of it no child survives', async () => {
  await using harness = new HarnessProcess(embedded)
  await harness.shows(isMeasuring)
  const [begun = ''] = readdirSync(join(harness.folder, 'reports'))
  await using second = new HarnessProcess(['run', '--resume', join(harness.folder, 'reports', begun)], {
    XDG_STATE_HOME: join(harness.folder, 'state'),
  })
  expect(await second.ended).toBe(2)
  expect(second.stderr).toContain('is being measured right now')
  const pids = harness.descendants().map(({ pid }) => pid)
  process.kill(harness.child.pid ?? 0, 'SIGKILL')
  await harness.ended
  expect(await harness.allGone(pids)).toBe(true)
  // The record it left can still be drawn.
  const [run] = readdirSync(join(harness.folder, 'reports')).filter((name) => name !== 'latest')
  await using report = new HarnessProcess(['report', join(harness.folder, 'reports', run ?? '')])
  expect(await report.ended).toBe(0)
}, 120_000)

test.concurrent('a server that dies while measuring is named, with exit code 1 and what was measured kept', async () => {
  await using harness = new HarnessProcess(embedded)
  await harness.shows(isMeasuring)
  await harness.hasMeasured()
  const before = harness.descendants()
  const server = before.find(({ command }) => command.includes('dist/servers/start.js'))
  process.kill(server?.pid ?? 0, 'SIGKILL')
  expect(await harness.ended).toBe(1)
  expect(harness.stderr).toMatch(
    /server .* ended unexpectedly by SIGKILL[\s\S]*kept in reports\/\S+, with its report\. .* run --resume reports\/\S+\n/,
  )
  expect(harness.stderr).not.toContain('    at ')
  expect(harness.results().run).toMatchObject({ state: 'failed' })
  expect(await harness.allGone(before.map(({ pid }) => pid))).toBe(true)
  expect(harness.leftovers()).toEqual([])
}, 120_000)

test.concurrent('a Postgres that dies while measuring is named, with the last lines of its log', async () => {
  await using harness = new HarnessProcess(embedded)
  await harness.shows(isMeasuring)
  const before = harness.descendants()
  const postmaster = before.find(({ command }) => /bin\/postgres .*-D/.test(command))
  process.kill(postmaster?.pid ?? 0, 'SIGKILL')
  expect(await harness.ended).toBe(1)
  expect(harness.stderr).toMatch(/Postgres ended while it was needed/)
  expect(harness.stderr).not.toContain('    at ')
  expect(await harness.allGone(before.map(({ pid }) => pid))).toBe(true)
  expect(harness.leftovers()).toEqual([])
}, 120_000)

test.concurrent.each<[string, Readonly<Record<string, string>>]>([
  ['one message', {}],
  ['its causes and stacks, for DEBUG', { DEBUG: '1' }],
])(
  'an unreachable database is exit code 1 with %s, without its password',
  async (_what, environment) => {
    const address = 'postgres://someone:canary-pw@127.0.0.1:1/none'
    await using harness = new HarnessProcess([...short, '--postgres', address], environment)
    expect(await harness.ended).toBe(1)
    expect(harness.stderr).toMatch(/Cannot reach the database/)
    expect(harness.stderr + harness.stdout).not.toContain('canary-pw')
    expect(readdirSync(join(harness.folder, 'reports'))).toEqual([])
  },
  60_000,
)
