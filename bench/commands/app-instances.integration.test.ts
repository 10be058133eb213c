import { expect, test } from 'vitest'
import { serverCoresFor } from '../environment/cpu-plan.ts'
import { HarnessProcess } from './harness-process.fixture.ts'

// A machine with enough cores measures them; the plan's own tests hold what it then gives the servers.
test.skipIf(typeof serverCoresFor(2) === 'number').each([
  ['instances=1,2', /App instances are not measurable .* Leave instances out of --vary\./],
  ['threads=1,4', /UV_THREADPOOL_SIZE is best is not measurable .* Leave threads out of --vary\./],
])(
  '--vary %s is refused before anything starts where there are no cores for it',
  async (vary, reason) => {
    await using harness = new HarnessProcess(['run', 'session', '--vary', vary, '--seed', '5'])
    expect(await harness.ended).toBe(2)
    expect(harness.stderr).toMatch(reason)
    expect(harness.leftovers()).toEqual([])
  },
  30_000,
)
