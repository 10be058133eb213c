import { describe, expect, it } from 'vitest'
import type { CallsResult } from '../../load/protocol.ts'
import { blindProbes, fakeServers, reading } from '../fake-servers.fixture.ts'
import type { DatabaseReading } from '../probes.ts'
import { measureCalls } from './call-batch.ts'

const sent: CallsResult = {
  startedAt: '2026-01-02T03:04:05.000Z',
  durationMs: 20,
  failures: 0,
  latency: { counts: { subBucketBits: 10, buckets: [5000], counts: [20] }, meanNs: 1_000_000 },
  answers: [],
}
const place = { variant: 'a', set: 0, restart: 0, round: 0, call: 'login' } as const

async function doubtsBetween(...readings: readonly DatabaseReading[]): Promise<string[]> {
  const [server] = fakeServers({ a: () => 50 }).servers
  if (server === undefined) throw new Error('There is no server.')
  const left = readings.values()
  const database = async () => left.next().value ?? reading()
  const { batch } = await measureCalls({ place, calls: 20, send: async () => sent }, server, {
    ...blindProbes,
    database,
  })
  return batch.doubts
}

describe('a batch of calls', () => {
  it.each<[string, DatabaseReading, DatabaseReading]>([
    ['begun meanwhile', reading({ checkpoints: 3 }), reading({ checkpoints: 4 })],
    ['written all the time', reading({ checkpointing: true }), reading({ checkpointing: true })],
    ['finished meanwhile', reading({ checkpointing: true }), reading()],
  ])('is doubted for a checkpoint that was %s', async (_, before, after) => {
    expect(await doubtsBetween(before, after)).toEqual(['checkpoint'])
  })

  it('is not doubted where nothing else happened', async () => {
    expect(await doubtsBetween(reading({ checkpoints: 3 }), reading({ checkpoints: 3 }))).toEqual([])
  })
})
