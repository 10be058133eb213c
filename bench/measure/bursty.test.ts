import { expect, it } from 'vitest'
import { drawnSteps } from '../plan/periodic.ts'
import type { BurstySlice } from '../record/bursty.ts'
import { type BurstyOptions, measureBursty } from './bursty.ts'
import { blindProbes, fakeServers } from './fake-servers.fixture.ts'
import type { OpenLoopRequest } from './probes.ts'

const everyMs = 20
const sliceMs = 7

const measured = async (more: Partial<BurstyOptions>) => {
  const { servers, load, change } = fakeServers({ a: () => 12 })
  const [server] = servers
  if (server === undefined) throw new Error('no server')
  const asked: OpenLoopRequest[] = []
  const windows: BurstySlice[] = []
  let misses = 0
  const counting: typeof load = {
    ...load,
    openLoop: (key, request) => {
      asked.push(request)
      misses += 1000 * (request.lapsedShare ?? 0.5)
      change(key, () => ({ strategy: { cacheMisses: misses, cacheHits: 0 } }))
      return load.openLoop(key, request)
    },
  }
  await measureBursty(server, counting, blindProbes, {
    place: { set: 0, restart: 0, group: 'default', variant: 'a', role: 'candidate' },
    recorded: { everyMs },
    everyMs,
    load: { mode: 'fixed-rate', connections: 64, requestsPerSecond: 500, arrivals: 'poisson' },
    sliceMs,
    seed: 1,
    signal: new AbortController().signal,
    onSlice: (slice) => windows.push(slice),
    ...more,
  })
  return { asked, windows }
}

it('draws shares of misses where the clock is the clients, and checks by that clock in turns with them', async () => {
  const { asked, windows } = await measured({ drawnShares: [0.1, 0.2] })
  const { blocks, missesFirst } = drawnSteps
  expect(asked[0]).toMatchObject({ ...missesFirst, lapsedShare: 1 })
  const shares = asked.filter(({ durationMs }) => durationMs === sliceMs).map(({ lapsedShare }) => lapsedShare)
  expect(shares).toHaveLength(3 * blocks)
  const inBlocks = Array.from({ length: blocks }, (_, block) => shares.slice(3 * block, 3 * block + 3))
  for (const block of inBlocks) expect(new Set(block)).toEqual(new Set([0.1, 0.2, undefined]))
  expect(new Set(inBlocks.map(String)).size).toBeGreaterThan(1)
  expect(windows.map(({ purpose }) => purpose)).toEqual(shares.map((share) => (share === undefined ? 'check' : 'fit')))
  expect(windows.map(({ misses }) => misses)).toEqual(shares.map((share) => 1000 * (share ?? 0.5)))
})

it('runs each window right after load of its own kind', async () => {
  const { asked } = await measured({ drawnShares: [0.1, 0.2] })
  for (const [at, { durationMs, lapsedShare }] of asked.entries()) {
    if (durationMs === sliceMs) expect(asked[at - 1]?.lapsedShare).toBe(lapsedShare)
  }
})

it("leaves all to the clock where it is the server's", async () => {
  const { asked, windows } = await measured({})
  expect(asked.filter(({ lapsedShare }) => lapsedShare !== undefined)).toEqual([])
  expect(windows.filter(({ purpose }) => purpose === 'check').length).toBeGreaterThan(0)
})
