import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { microOf } from '../estimates/micro.ts'
import { resultsSchema } from '../record/run.ts'
import { HarnessProcess } from './harness-process.fixture.ts'

const small = ['--sessions', '500', '--users', '200', '--postgres', 'embedded', '--seed', '5']

test('micro times every part of every step, leaves out what it cannot call, and reports it', async () => {
  const variants = ['session', 'jwt:alg=HS256,verifier=node', 'secure-session']
  await using harness = new HarnessProcess([
    ...['micro', ...variants, '--no-http', '--restarts', '3', '--rounds', '1', ...small],
  ])
  // Not every variant could be timed.
  expect([await harness.ended, harness.stderr]).toEqual([3, expect.any(String)])
  const results = resultsSchema.parse(harness.results())
  expect(results.run).toMatchObject({ command: 'micro', state: 'complete', seed: 5 })
  expect(results.slices).toEqual([])
  const { micro } = results
  if (micro === undefined) throw new Error('nothing was timed')
  expect(micro.leftOut.map(({ variant }) => variant)).toEqual(['secure-session'])
  // Everything once a round, in a process of its own in each restart.
  expect(micro.runs).toHaveLength(3 * micro.tasks.length)
  expect(micro.users).toBeGreaterThan(100)
  const figures = microOf(results)
  const cpuOf = (variant: string, task: string): number => {
    const found = figures?.tasks.find((one) => one.variant === variant && one.task === task)?.cpu
    if (found === undefined || 'absent' in found) throw new Error(`${variant} has no ${task}`)
    return found.value
  }
  const [lookUp, hash, parse] = ['look up', 'hash', 'parse'].map((task) => cpuOf('session', task))
  // Whatever the machine: a query costs more than a hash, and a hash more than finding a cookie.
  expect(lookUp).toBeGreaterThan(hash ?? 0)
  expect(hash).toBeGreaterThan(parse ?? 0)
  expect(cpuOf('jwt:alg=HS256,verifier=node', 'verify')).toBeGreaterThan(cpuOf('none', 'step'))
  expect(harness.stdout.replace(/\s+/g, ' ')).toContain('By itself, in process, the authentication step takes')
  expect(readFileSync(join(harness.folder, 'reports', 'latest', 'index.html'), 'utf8')).toContain('auth-step')
  for (const command of ['micro', 'run']) {
    await using refused = new HarnessProcess([command, '--resume', join(harness.folder, 'reports', 'latest')])
    expect([await refused.ended, refused.stderr]).toEqual([2, expect.stringContaining('micro')])
    expect(refused.stderr).toMatch(/cannot be continued. Run it again/)
  }
  expect(harness.leftovers()).toEqual([])
}, 300_000)

test('Ctrl-C while steps are timed keeps what was measured over HTTP and in process, and leaves nothing behind', async () => {
  await using harness = new HarnessProcess([
    ...['micro', 'jwt:alg=HS256,verifier=node', '--restarts', '2', '--rounds', '2', ...small],
  ])
  await harness.shows('restart 1 of 2: the authentication steps in process', 120_000)
  await harness.shows('restart 2 of 2: the authentication steps in process', 120_000)
  const pids = harness.descendants().map(({ pid }) => pid)
  expect(pids.length).toBeGreaterThan(1)
  harness.interrupt('SIGINT')
  expect(await harness.ended).toBe(130)
  const results = resultsSchema.parse(harness.results())
  expect(results.run.state).toBe('interrupted')
  expect(new Set(results.slices.map(({ load }) => load.mode))).toEqual(new Set(['saturation']))
  expect(results.micro?.http).toBe(true)
  // The first restart is whole.
  expect(results.micro?.runs.filter(({ restart }) => restart === 0)).toHaveLength(
    2 * (results.micro?.tasks.length ?? 0),
  )
  expect(await harness.allGone(pids)).toBe(true)
  expect(harness.leftovers()).toEqual([])
}, 300_000)
