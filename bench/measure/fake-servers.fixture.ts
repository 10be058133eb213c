import type { CounterSnapshot } from '../../servers/contract/counters.ts'
import type { LoadResult } from '../load/protocol.ts'
import type { DatabaseReading, Load, MeasuredServer, Probes } from './probes.ts'

const noCounts = { subBucketBits: 6, buckets: [], counts: [] }

export const zeroCounters: CounterSnapshot = {
  monotonicNs: 1e9,
  cpuUserUs: 0,
  cpuSystemUs: 0,
  readingCpuUs: 0,
  eventLoopActiveMs: 0,
  eventLoopIdleMs: 0,
  requests: 0,
  refusals: 0,
  inFlight: 0,
  queries: 0,
  rssBytes: 80_000_000,
  heapUsedBytes: 20_000_000,
  gcCount: 0,
  gcDurationMs: 0,
  bytesRead: 0,
  bytesWritten: 0,
  steps: { auth: noCounts, poolWait: noCounts, query: noCounts },
  strategy: {},
}

export const answered = (requests: number, durationMs: number): LoadResult => ({
  startedAt: '2026-01-02T03:04:05.000Z',
  durationMs,
  requests,
  errors: 0,
  non2xx: 0,
  wrongBodies: 0,
  latency: { counts: { subBucketBits: 10, buckets: [5000], counts: [requests] }, meanNs: 100_000 },
  driverCpuUs: durationMs * 1000,
  idleTurnShare: 0.4,
  bytesSent: requests * 100,
  bytesReceived: requests * 200,
  clockStepMs: 0,
})

/** Reading counters costs the server this much each time, microseconds: it must never reach a slice. */
export const readingCostUs = 500

export interface FakeServer extends MeasuredServer {
  /** CPU of one request, by how often it has been loaded before: what warming up changes. */
  readonly costUs: (load: number) => number
  requestsPerLoad: number
}

/** Servers whose counters grow as a fake driver loads them, and a journal of what was done in which order. */
export function fakeServers(costs: Readonly<Record<string, FakeServer['costUs']>>) {
  const journal: string[] = []
  const counters = new Map<string, CounterSnapshot>()
  const loads = new Map<string, number>()
  const change = (key: string, by: (before: CounterSnapshot) => Partial<CounterSnapshot>): void => {
    const before = counters.get(key) ?? zeroCounters
    counters.set(key, { ...before, ...by(before) })
  }
  const servers = Object.entries(costs).map(
    ([key, costUs]): FakeServer => ({
      key,
      applicationName: `application-${key}`,
      costUs,
      requestsPerLoad: 2000,
      async snapshot() {
        // As in the real server: this reading's own CPU stands in the next one's `readingCpuUs`.
        const now = counters.get(key) ?? zeroCounters
        change(key, ({ cpuUserUs, readingCpuUs }) => ({
          cpuUserUs: cpuUserUs + readingCostUs,
          readingCpuUs: readingCpuUs + readingCostUs,
        }))
        return now
      },
    }),
  )
  const apply = async (key: string, what: string, durationMs: number): Promise<LoadResult> => {
    const server = servers.find((one) => one.key === key)
    if (server === undefined) throw new Error(`There is no server ${key}.`)
    const load = loads.get(key) ?? 0
    loads.set(key, load + 1)
    journal.push(`${what} ${key}`)
    const requests = server.requestsPerLoad
    change(key, (before) => ({
      monotonicNs: before.monotonicNs + durationMs * 1e6,
      cpuUserUs: before.cpuUserUs + requests * server.costUs(load),
      requests: before.requests + requests,
    }))
    return answered(requests, durationMs)
  }
  /** With the mean latency that so many connections have by Little's law. */
  const closedLoop = async (
    key: string,
    what: string,
    durationMs: number,
    connections: number,
  ): Promise<LoadResult> => {
    const result = await apply(key, what, durationMs)
    const meanNs = (connections * durationMs * 1e6) / result.requests
    return { ...result, latency: { ...result.latency, meanNs } }
  }
  const load: Load = {
    warmUp: async () => {
      journal.push('warm-up together')
    },
    saturate: (key, { durationMs, connections }) => closedLoop(key, 'saturate', durationMs, connections ?? 10),
    unloaded: (key, { durationMs }) => closedLoop(key, 'unloaded', durationMs, 1),
    openLoop: (key, { durationMs, seed }) => apply(key, `open loop ${seed}`, durationMs),
  }
  return { servers, load, journal, change }
}

export const reading = (more: Partial<DatabaseReading> = {}): DatabaseReading => ({
  backends: new Map(),
  helpersNs: 0,
  checkpoints: 0,
  checkpointing: false,
  autovacuumActive: false,
  foreignBackends: 0,
  ...more,
})

/** Nothing can be read but the servers themselves. */
export const blindProbes: Probes = {
  database: async () => ({ absent: 'not in this test' }),
  machine: () => ({ absent: 'not in this test' }),
  sharedCores: undefined,
}
