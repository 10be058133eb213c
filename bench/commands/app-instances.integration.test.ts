import { expect, test } from 'vitest'
import { serverCoresFor } from '../environment/cpu-plan.ts'
import { HarnessProcess } from './harness-process.fixture.ts'

// A machine with enough cores measures them; the plan's own tests hold what it then gives the servers.
test.skipIf(typeof serverCoresFor(2) === 'number')(
  'app instances are refused before anything starts where there are no cores for them',
  async () => {
    await using harness = new HarnessProcess(['run', 'session', '--vary', 'instances=1,2', '--seed', '5'])
    expect(await harness.ended).toBe(2)
    expect(harness.stderr).toMatch(/App instances are not measurable .* Leave instances out of --vary\./)
    expect(harness.leftovers()).toEqual([])
  },
  30_000,
)
