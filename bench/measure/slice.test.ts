import { describe, expect, it } from 'vitest'
import type { Slice } from '../record/slice.ts'
import { decodeHistogram } from '../statistics/histogram.ts'
import { answered, blindProbes, fakeServers, reading, readingCostUs } from './fake-servers.fixture.ts'
import type { DatabaseReading, Load, Probes } from './probes.ts'
import { measureSlice, type SliceRequest } from './slice.ts'

const request: SliceRequest = {
  place: { set: 0, restart: 1, round: 2, position: 3, variant: 'a', role: 'candidate', group: 'default' },
  load: { mode: 'saturation', connections: 10 },
  sliceMs: 250,
  seed: 7,
}

const setUp = (costUs = 12) => {
  const fake = fakeServers({ a: () => costUs })
  const [server] = fake.servers
  if (server === undefined) throw new Error('no server')
  return { ...fake, server }
}

const measure = (more: Partial<Probes> = {}, load?: Partial<Load>): Promise<Slice> => {
  const { server, load: own } = setUp()
  return measureSlice(request, server, { ...own, ...load }, { ...blindProbes, ...more })
}

/** Answers one reading after the other. */
const inTurn = (...readings: readonly DatabaseReading[]): Probes['database'] => {
  const left = [...readings]
  return async () => left.shift() ?? { absent: 'read too often' }
}

describe('the speed of the cores', () => {
  const speed = { workUs: 48, fastestWorkUs: 47, samples: 47, probeCpuUs: 40_000 }
  const sampling = (reading: Awaited<ReturnType<NonNullable<Probes['coreSpeed']>['end']>>) => {
    const calls: string[] = []
    return {
      calls,
      coreSpeed: {
        begin: async () => void calls.push('begin'),
        end: async () => {
          calls.push('end')
          return reading
        },
      },
    }
  }

  it('is sampled while the load runs, and recorded with the slice', async () => {
    const { calls, coreSpeed } = sampling(speed)
    const { server, load } = setUp()
    const during: Load = {
      ...load,
      saturate: async (...options) => {
        calls.push('load')
        return load.saturate(...options)
      },
    }
    const slice = await measureSlice(request, server, during, { ...blindProbes, coreSpeed, sharedCores: true })
    expect(calls).toEqual(['begin', 'load', 'end'])
    expect(slice.coreSpeed).toEqual({ ...speed, sharedCores: true })
  })

  it('costs CPU that is no foreign load', async () => {
    // 24 ms of the server's own, and 50 ms more: over the limit, but for 40 ms that the probe took.
    const busy = [0, 74_000]
    const machine: Probes['machine'] = () => ({ busyUs: busy.shift() ?? 0, stealUs: 0, cores: 1 })
    const database: Probes['database'] = async () => reading({})
    const codes = async (more: Partial<Probes>) => {
      busy.splice(0, busy.length, 0, 74_000)
      return (await measure({ machine, database, ...more })).doubts.map(({ code }) => code)
    }
    expect(await codes({})).toContain('foreign-load')
    expect(await codes({ coreSpeed: sampling(speed).coreSpeed })).not.toContain('foreign-load')
  })

  it('that could not be sampled is recorded with the reason', async () => {
    const slice = await measure({ coreSpeed: sampling({ absent: 'the speed probe ended' }).coreSpeed })
    expect(slice.coreSpeed).toEqual({ absent: 'the speed probe ended' })
  })
})

describe('measureSlice', () => {
  it("charges the slice for its requests and not for reading the server's counters", async () => {
    const { server, load, change } = setUp(12)
    // Readings before the slice must not matter either.
    change('a', () => ({ cpuUserUs: 9e6, cpuSystemUs: 4e6, readingCpuUs: 3 * readingCostUs }))
    const slice = await measureSlice(request, server, load, blindProbes)
    expect(slice.requests).toBe(2000)
    expect(slice.app.cpuUs).toBe(2000 * 12)
  })

  it('holds differences of counters, and memory as it is at the end', async () => {
    const { server, load, change } = setUp()
    change('a', () => ({
      requests: 70,
      queries: 5,
      gcCount: 2,
      gcDurationMs: 4,
      eventLoopActiveMs: 100,
      strategy: { cacheHits: 40 },
    }))
    const during: Load = {
      ...load,
      saturate: async (key, options) => {
        const result = await load.saturate(key, options)
        change(key, (before) => ({
          queries: before.queries + 2000,
          gcCount: before.gcCount + 1,
          gcDurationMs: before.gcDurationMs + 1.5,
          eventLoopActiveMs: before.eventLoopActiveMs + 200,
          refusals: before.refusals + 3,
          rssBytes: 91_000_000,
          strategy: { cacheHits: 340, cacheMisses: 9 },
        }))
        return result
      },
    }
    const { app } = await measureSlice(request, server, during, blindProbes)
    expect(app).toMatchObject({
      requests: 2000,
      refusals: 3,
      queries: 2000,
      gcCount: 1,
      gcDurationUs: 1500,
      eventLoopActiveUs: 200_000,
      elapsedMs: 250,
      rssBytes: 91_000_000,
      strategy: { cacheHits: 300, cacheMisses: 9 },
    })
  })

  it('holds the steps of this slice alone, and none that never happened', async () => {
    const { server, load, change } = setUp()
    const auth = (counts: number[]) => ({ subBucketBits: 6, buckets: [10, 20], counts })
    const none = { subBucketBits: 6, buckets: [], counts: [] }
    change('a', () => ({ steps: { auth: auth([5, 1]), poolWait: none, query: none } }))
    const during: Load = {
      ...load,
      saturate: (key, options) => {
        change(key, () => ({ steps: { auth: auth([9, 1]), poolWait: none, query: none } }))
        return load.saturate(key, options)
      },
    }
    const { steps } = (await measureSlice(request, server, during, blindProbes)).app
    expect(steps.auth === undefined ? undefined : decodeHistogram(steps.auth).count).toBe(4)
    expect(steps).not.toHaveProperty('query')
  })

  it('adds up the CPU of the backends, those that came during the slice included', async () => {
    const database = inTurn(
      reading({ backends: new Map([[1, 5_000_000]]), helpersNs: 1_000_000 }),
      reading({
        backends: new Map([
          [1, 9_000_000],
          [2, 2_000_000],
        ]),
        helpersNs: 1_500_000,
      }),
    )
    expect((await measure({ database })).database).toEqual({ cpuUs: 6000, backends: 2, helpersCpuUs: 500 })
  })

  it('says why there is no database CPU, rather than 0', async () => {
    expect((await measure()).database).toEqual({ absent: 'not in this test' })
  })

  it.each<[string, DatabaseReading, DatabaseReading]>([
    ['backend-ended', reading({ backends: new Map([[1, 5]]) }), reading()],
    ['checkpoint', reading({ checkpoints: 3 }), reading({ checkpoints: 4 })],
    // It may be counted before the slice, or only once it is over: one that is being written tells of itself.
    ['checkpoint', reading({ checkpointing: true }), reading({ checkpointing: true })],
    ['checkpoint', reading({ checkpointing: true }), reading()],
    ['checkpoint', reading(), reading({ checkpointing: true })],
    ['autovacuum', reading(), reading({ autovacuumActive: true })],
    ['foreign-backends', reading(), reading({ foreignBackends: 1 })],
  ])('doubts a slice for %s, keeping it', async (code, before, after) => {
    const slice = await measure({ database: inTurn(before, after) })
    expect(slice.doubts.map((doubt) => doubt.code)).toContain(code)
    expect(slice.requests).toBe(2000)
  })

  it('takes the CPU of a database that cannot be read for 0 only of who asked it nothing', async () => {
    const codesAfter = async (queries: number) => {
      const { server, load, change } = setUp()
      const asking: Load = {
        ...load,
        saturate: (key, options) => {
          change(key, (before) => ({ queries: before.queries + queries }))
          return load.saturate(key, options)
        },
      }
      const slice = await measureSlice(request, server, asking, { ...blindProbes, sharedCores: true })
      return slice.doubts.map(({ code }) => code)
    }
    // A tenth of the core by itself.
    expect(await codesAfter(0)).toContain('not-saturated')
    expect(await codesAfter(2000)).not.toContain('not-saturated')
  })

  it('gives one connection the time for a hundred responses', async () => {
    const { server, load } = setUp()
    const asked: unknown[] = []
    const unloaded: Load['unloaded'] = (key, options) => {
      asked.push(options)
      return load.unloaded(key, options)
    }
    const alone: SliceRequest = { ...request, load: { mode: 'unloaded', connections: 1 } }
    await measureSlice(alone, server, { ...load, unloaded }, blindProbes)
    expect(asked).toEqual([{ durationMs: 250, minResponses: 100, maxDurationMs: 3000 }])
  })

  it('doubts a slice whose server and driver counted differently', async () => {
    const slice = await measure({}, { saturate: async () => answered(1999, 250) })
    expect(slice.doubts.map((doubt) => doubt.code)).toContain('count-mismatch')
  })

  it('reads all counters before the load and again only after it', async () => {
    const events: string[] = []
    const noted = <T>(event: string, value: T): T => {
      events.push(event)
      return value
    }
    const { server, load } = setUp()
    await measureSlice(
      request,
      { ...server, snapshot: () => noted('app', server.snapshot()) },
      { ...load, saturate: (...given) => noted('load', load.saturate(...given)) },
      {
        ...blindProbes,
        database: async () => noted('database', { absent: '' }),
        machine: () => noted('machine', { absent: '' }),
      },
    )
    expect(events.slice(0, 3).sort()).toEqual(['app', 'database', 'machine'])
    expect(events[3]).toBe('load')
    expect(events.slice(4).sort()).toEqual(['app', 'database', 'machine'])
  })
})
