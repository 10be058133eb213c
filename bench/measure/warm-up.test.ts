import { describe, expect, it } from 'vitest'
import { fakeServers } from './fake-servers.fixture.ts'
import { defaultWarmUp, type WarmUpOptions, warmUp } from './warm-up.ts'

const options: WarmUpOptions = {
  ...defaultWarmUp,
  chunkMs: 200,
  tolerance: 0.05,
  mostTogetherMs: 1000,
  mostLoadMs: 2000,
  longestIdleMs: 60_000,
  steadyRequests: { atLeast: 5000, atMost: 5000, ofBestMs: 600, amply: 5000 },
}
const running = new AbortController().signal

type Costs = Parameters<typeof fakeServers>[0]

const warm = async (costs: Costs, more: Partial<WarmUpOptions> = {}) => {
  const fake = fakeServers(costs)
  const done = await warmUp({ ...fake, pin: async () => void fake.journal.push('pin') }, running, {
    ...options,
    ...more,
  })
  return { done, journal: fake.journal }
}

describe('warmUp', () => {
  it('loads all together first, then pins, then loads in turns', async () => {
    const { journal } = await warm({ a: () => 12, b: () => 12 })
    expect(journal).toEqual([
      'warm-up together',
      'pin',
      ...['a', 'b', 'a', 'b', 'a', 'b'].map((key) => `saturate ${key}`),
    ])
  })

  it('goes on with a server until its last three chunks cost the same, and lets the others be', async () => {
    const { done, journal } = await warm({ early: () => 12, late: (load) => (load < 4 ? 30 - 5 * load : 12) })
    expect(done.map(({ steady }) => steady)).toEqual([true, true])
    const loadsOf = (key: string): number => journal.filter((entry) => entry === `saturate ${key}`).length
    expect(loadsOf('early')).toBe(3)
    expect(loadsOf('late')).toBe(7)
  })

  it('calls nobody steady before there was something to compile: uncompiled code is slow, and evenly so', async () => {
    const slow = (requestsPerLoad: number) => {
      const fake = fakeServers({ a: () => 300 })
      for (const server of fake.servers) server.requestsPerLoad = requestsPerLoad
      return fake
    }
    const loads = async (fake: ReturnType<typeof slow>) => {
      const [a] = await warmUp({ ...fake, pin: async () => {} }, running, { ...options, mostLoadMs: 5000 })
      expect(a?.steady).toBe(true)
      return fake.journal.filter((entry) => entry === 'saturate a').length
    }
    expect(await loads(slow(options.steadyRequests.atLeast / 5))).toBe(5)
    // Of two app instances each has answered half.
    const two = slow(options.steadyRequests.atLeast / 5)
    expect(await loads({ ...two, servers: two.servers.map((server) => ({ ...server, instances: 2 })) })).toBe(10)
    // What answers so rarely is judged by time.
    expect(await loads(slow(10))).toBe(options.enoughLoadMs / options.chunkMs)
  })

  /** Turns of one server until it is steady, by its answers in each. */
  const turns = async (requestsPerLoad: number, more: Partial<WarmUpOptions>) => {
    const fake = fakeServers({ a: () => 12 })
    for (const server of fake.servers) server.requestsPerLoad = requestsPerLoad
    await warmUp({ ...fake, pin: async () => {} }, running, { ...options, ...more })
    return fake.journal.filter((entry) => entry === 'saturate a').length
  }

  it('calls nobody steady before it has answered amply, or was loaded in turns for long enough', async () => {
    const more = { steadyRequests: { ...options.steadyRequests, amply: 25_000 }, leastLoadMs: 1800 }
    expect(await turns(5000, more)).toBe(5)
    expect(await turns(1000, more)).toBe(9)
  })

  it('asks for more answers of a quick server, whose requests give compilers less to go by', async () => {
    const steadyRequests = { atLeast: 5000, atMost: 13_000, ofBestMs: 1000, amply: 25_000 }
    const more = { steadyRequests, leastLoadMs: 600, enoughLoadMs: 10_000, mostLoadMs: 10_000 }
    // In turns of 0.2 s: 20,000 a second need the most, 10,000 a second as many, 2,500 a second the fewest.
    expect(await turns(4000, more)).toBe(4)
    expect(await turns(2000, more)).toBe(5)
    expect(await turns(500, more)).toBe(10)
  })

  it('gives up on a server that goes on getting cheaper, and says so', async () => {
    const { done } = await warm({ falling: (load) => 100 * 0.9 ** load, calm: () => 12 })
    const [falling, calm] = done
    expect(falling?.steady).toBe(false)
    expect(calm?.steady).toBe(true)
    expect(falling?.loadMs).toBeGreaterThanOrEqual(options.mostLoadMs)
  })

  it('does not take disturbances for warming up: what is as cheap as before is steady', async () => {
    const { done, journal } = await warm({ disturbed: (load) => (load % 2 === 0 ? 10 : 20) })
    expect(done[0]?.steady).toBe(true)
    expect(journal.filter((entry) => entry === 'saturate disturbed')).toHaveLength(6)
  })

  it('waits for a server whose next tier of compiling is still to come', async () => {
    // Disturbed in between, and cheaper by a fifth from the fifth turn on.
    const { journal } = await warm({ late: (load) => (load % 2 === 0 ? 1 : 1.3) * (load < 4 ? 20 : 16) })
    expect(journal.filter((entry) => entry === 'saturate late')).toHaveLength(8)
  })

  it('loads a steady server again that has idled while others warm up', async () => {
    const { journal } = await warm(
      { early: () => 12, late: (load) => (load < 4 ? 30 - 5 * load : 12) },
      // Every pause is too long.
      { longestIdleMs: -1 },
    )
    expect(journal.filter((entry) => entry === 'saturate early').length).toBe(7)
  })

  it('judges CPU without what reading the counters took', async () => {
    // A reading costs 500 us: with so few requests it would drown what steadiness is judged by.
    const fake = fakeServers({ a: () => 12 })
    for (const server of fake.servers) server.requestsPerLoad = 10
    const [a] = await warmUp({ ...fake, pin: async () => {} }, running, options)
    expect(a).toMatchObject({ steady: true, requestsPerSecond: 50 })
  })

  it('stops between two chunks when the run is to end', async () => {
    const end = new AbortController()
    const fake = fakeServers({ a: () => 12, b: () => 12 })
    const load = {
      ...fake.load,
      saturate: (...given: Parameters<typeof fake.load.saturate>) => {
        end.abort(new Error('Ctrl-C'))
        return fake.load.saturate(...given)
      },
    }
    await expect(warmUp({ ...fake, load, pin: async () => {} }, end.signal, options)).rejects.toThrow('Ctrl-C')
    expect(fake.journal.filter((entry) => entry.startsWith('saturate'))).toEqual(['saturate a'])
  })
})
