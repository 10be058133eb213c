import type { CounterSnapshot } from '../../servers/contract/counters.ts'
import { addCounts } from '../../servers/contract/duration-recorder.ts'

/**
 * Counters of several app instances as if they were one server: sums, of memory and event loop time too. The most seen
 * waiting is the most in any one pool, and what arrivals saw is what they saw of their own.
 */
export function mergeSnapshots(snapshots: readonly [CounterSnapshot, ...CounterSnapshot[]]): CounterSnapshot {
  const [first, ...others] = snapshots
  if (others.length === 0) return first
  const sum = (of: (snapshot: CounterSnapshot) => number): number =>
    snapshots.reduce((total, snapshot) => total + of(snapshot), 0)
  const steps = (of: (snapshot: CounterSnapshot) => CounterSnapshot['steps']['auth']) =>
    addCounts([of(first), ...others.map(of)])
  const pool = mergePools(snapshots)
  return {
    // All were read at about the same time, by the machine's one clock.
    monotonicNs: Math.max(...snapshots.map(({ monotonicNs }) => monotonicNs)),
    cpuUserUs: sum((one) => one.cpuUserUs),
    cpuSystemUs: sum((one) => one.cpuSystemUs),
    readingCpuUs: sum((one) => one.readingCpuUs),
    eventLoopActiveMs: sum((one) => one.eventLoopActiveMs),
    eventLoopIdleMs: sum((one) => one.eventLoopIdleMs),
    requests: sum((one) => one.requests),
    refusals: sum((one) => one.refusals),
    inFlight: sum((one) => one.inFlight),
    queries: sum((one) => one.queries),
    ...(pool === undefined ? {} : { pool }),
    rssBytes: sum((one) => one.rssBytes),
    heapUsedBytes: sum((one) => one.heapUsedBytes),
    gcCount: sum((one) => one.gcCount),
    gcDurationMs: sum((one) => one.gcDurationMs),
    bytesRead: sum((one) => one.bytesRead),
    bytesWritten: sum((one) => one.bytesWritten),
    steps: {
      auth: steps((one) => one.steps.auth),
      poolWait: steps((one) => one.steps.poolWait),
      query: steps((one) => one.steps.query),
    },
    strategy: mergeStrategies(snapshots),
  }
}

function mergePools(snapshots: readonly CounterSnapshot[]): CounterSnapshot['pool'] {
  const pools = snapshots.flatMap(({ pool }) => (pool === undefined ? [] : [pool]))
  if (pools.length === 0) return undefined
  const sum = (of: (pool: (typeof pools)[number]) => number): number =>
    pools.reduce((total, pool) => total + of(pool), 0)
  return {
    total: sum(({ total }) => total),
    idle: sum(({ idle }) => idle),
    waiting: sum(({ waiting }) => waiting),
    arrivals: sum(({ arrivals }) => arrivals),
    waitingSeen: sum(({ waitingSeen }) => waitingSeen),
    busySeen: sum(({ busySeen }) => busySeen),
    mostWaiting: Math.max(...pools.map(({ mostWaiting }) => mostWaiting)),
  }
}

function mergeStrategies(snapshots: readonly CounterSnapshot[]): CounterSnapshot['strategy'] {
  const sums: Record<string, number> = {}
  for (const { strategy } of snapshots) {
    for (const [name, value] of Object.entries(strategy)) sums[name] = (sums[name] ?? 0) + value
  }
  return sums
}
