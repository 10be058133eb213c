import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type Results, resultsSchema } from '../record/run.ts'
import { HarnessProcess } from './harness-process.fixture.ts'

const short = [
  ...['run', 'session', '--vary', 'pool=1,2', '--profile', 'quick', '--restarts', '4', '--rounds', '2'],
  ...['--sessions', '2000', '--users', '200', '--postgres', 'embedded'],
]

const slicesOf = ({ slices }: Results, restart: number): string[] =>
  slices.filter((slice) => slice.restart === restart).map(({ startedAt, variant }) => `${startedAt} ${variant}`)

test('a run that was interrupted goes on in its folder: whole restarts are added, what was there stays', async () => {
  await using first = new HarnessProcess(short)
  await first.shows(/restart 2 of 4, saturation/)
  await new Promise((resolve) => setTimeout(resolve, 1000))
  first.interrupt('SIGINT')
  expect(await first.ended).toBe(130)
  const before = resultsSchema.parse(first.results())
  const folder = join(first.folder, 'reports', 'latest')

  // Measured by another version: nothing may be added.
  const record = readFileSync(join(folder, 'slices.ndjson'), 'utf8')
  writeFileSync(
    join(folder, 'slices.ndjson'),
    record.replaceAll(`"version":"${before.tool.version}"`, '"version":"9.9.9"'),
  )
  await using refused = new HarnessProcess(['run', '--resume', folder])
  expect(await refused.ended).toBe(1)
  expect(refused.stderr).toMatch(/another version of authcost/)
  writeFileSync(join(folder, 'slices.ndjson'), record)

  await using second = new HarnessProcess(['run', '--resume', folder, '--restarts', '3'])
  expect(await second.ended).toBe(0)
  const after = resultsSchema.parse(first.results())
  expect(after.run).toMatchObject({ id: before.run.id, state: 'complete', startedAt: before.run.startedAt })
  expect([before.run.wholeRestarts, after.run.wholeRestarts]).toEqual([1, 3])
  expect(before.plan.loads.length).toBeGreaterThan(0)
  expect(after.plan.loads).toEqual(before.plan.loads)
  for (const restart of [0, 1]) expect(slicesOf(after, restart)).toEqual(slicesOf(before, restart))
  // The second restart was cut short: two whole ones follow it, each with control, twin and both pools.
  const planned = (restart: number) =>
    after.slices.filter((slice) => slice.restart === restart && slice.further !== true)
  for (const restart of [2, 3]) expect(planned(restart)).toHaveLength(planned(0).length)
  const last = new Set(after.slices.filter(({ restart }) => restart === 3).map(({ variant }) => variant))
  expect([...last].toSorted()).toEqual(['none', 'none#twin', 'session@pool=1', 'session@pool=2'])

  // How fast the cores were is noted for later runs, once, under the id of the run that went on.
  const { coreSpeed } = after
  if (coreSpeed !== undefined && !('absent' in coreSpeed)) {
    const noted: unknown = JSON.parse(readFileSync(join(second.folder, 'state', 'authcost', 'core-speed.json'), 'utf8'))
    const entry = { run: before.run.id, workUs: coreSpeed.fastestWorkUs }
    expect(noted).toMatchObject({ version: 1, runs: [entry] })
  }

  // Three are all that is wanted since then.
  await using third = new HarnessProcess(['run', '--resume', folder])
  expect(await third.ended).toBe(2)
  expect(third.stderr).toMatch(/ask for more with --restarts/)
}, 240_000)
