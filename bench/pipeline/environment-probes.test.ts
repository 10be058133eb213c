import { expect, test } from 'vitest'
import type { DatabaseCounters } from '../environment/database-counters.ts'
import { makeProbes } from './environment-probes.ts'
import { applicationNamePrefix } from './started-server.ts'

const unpinned = { absent: 'taskset is not installed' }

/** One client of another server of this run, one of a stranger's. */
const active = [`${applicationNamePrefix}7`, 'psql']
const counters: Pick<DatabaseCounters, 'backendCpu' | 'backgroundActivity' | 'otherClients'> = {
  backendCpu: async () => ({ backends: new Map([[1, 5]]), helpersNs: 7 }),
  backgroundActivity: async () => ({ checkpoints: 0, checkpointing: false, autovacuumWorkers: 0 }),
  otherClients: async (prefixes) => active.filter((name) => !prefixes.some((own) => name.startsWith(own))).length,
}

test('where nothing is pinned, the time of all cores is not taken for that of the servers’', () => {
  expect(makeProbes(() => counters, false, unpinned).machine()).toEqual({
    absent: 'nothing is pinned: there are no cores of the servers',
  })
})

test('servers of this run that are not measured are no strangers to the one that is', async () => {
  const probes = makeProbes(() => counters, true, unpinned)
  expect(await probes.database(`${applicationNamePrefix}2`)).toMatchObject({ foreignBackends: 1 })
})
