import type { CounterSnapshot } from '../../servers/contract/counters.ts'
import { type DurationCounts, subtractCounts } from '../../servers/contract/duration-recorder.ts'
import type { Absent, ProcessCounters, RecordedHistogram, Slice } from '../record/slice.ts'
import { histogramFromCounts } from '../statistics/histogram.ts'
import type { DatabaseReading, MachineReading, MeasuredServer } from './probes.ts'

/*
 * What a window used: cumulative counters of server, database, companions and machine, read before and after it.
 */

export function appDifference(before: CounterSnapshot, after: CounterSnapshot): Slice['app'] {
  const step = (later: DurationCounts, earlier: DurationCounts): RecordedHistogram | undefined => {
    const counts = subtractCounts(later, earlier)
    return counts.buckets.length === 0 ? undefined : histogramFromCounts(counts)
  }
  const auth = step(after.steps.auth, before.steps.auth)
  const poolWait = step(after.steps.poolWait, before.steps.poolWait)
  const query = step(after.steps.query, before.steps.query)
  const pool = poolSeen(before.pool, after.pool)
  return {
    requests: after.requests - before.requests,
    refusals: after.refusals - before.refusals,
    elapsedMs: (after.monotonicNs - before.monotonicNs) / 1e6,
    cpuUs: cpuUs(after) - cpuUs(before) - (after.readingCpuUs - before.readingCpuUs),
    eventLoopActiveUs: (after.eventLoopActiveMs - before.eventLoopActiveMs) * 1000,
    queries: after.queries - before.queries,
    ...(pool === undefined ? {} : { pool }),
    rssBytes: after.rssBytes,
    heapUsedBytes: after.heapUsedBytes,
    gcCount: after.gcCount - before.gcCount,
    gcDurationUs: (after.gcDurationMs - before.gcDurationMs) * 1000,
    bytesRead: after.bytesRead - before.bytesRead,
    bytesWritten: after.bytesWritten - before.bytesWritten,
    steps: {
      ...(auth === undefined ? {} : { auth }),
      ...(poolWait === undefined ? {} : { poolWait }),
      ...(query === undefined ? {} : { query }),
    },
    strategy: Object.fromEntries(
      Object.entries(after.strategy).map(([name, value]) => [name, value - (before.strategy[name] ?? 0)]),
    ),
  }
}

function poolSeen(before: CounterSnapshot['pool'], after: CounterSnapshot['pool']): Slice['app']['pool'] {
  if (after === undefined) return undefined
  const arrivals = after.arrivals - (before?.arrivals ?? 0)
  if (arrivals === 0) return undefined
  return {
    meanWaiting: (after.waitingSeen - (before?.waitingSeen ?? 0)) / arrivals,
    maxWaiting: after.mostWaiting,
    meanBusy: (after.busySeen - (before?.busySeen ?? 0)) / arrivals,
  }
}

const cpuUs = (snapshot: CounterSnapshot): number => snapshot.cpuUserUs + snapshot.cpuSystemUs

export function databaseDifference(
  before: DatabaseReading | Absent,
  after: DatabaseReading | Absent,
): Slice['database'] {
  if ('absent' in before) return before
  if ('absent' in after) return after
  let ns = 0
  for (const [pid, cpuNs] of after.backends) ns += cpuNs - (before.backends.get(pid) ?? 0)
  const helpers =
    typeof before.helpersNs === 'number' && typeof after.helpersNs === 'number'
      ? Math.max(0, (after.helpersNs - before.helpersNs) / 1000)
      : { absent: absentReason(before.helpersNs) ?? absentReason(after.helpersNs) ?? 'not read' }
  return { cpuUs: ns / 1000, backends: after.backends.size, helpersCpuUs: helpers }
}

/** Whether one was begun between two readings, or was being written at either of them. */
export const checkpointRan = (before: DatabaseReading, after: DatabaseReading): boolean =>
  before.checkpointing ||
  after.checkpointing ||
  (typeof before.checkpoints === 'number' &&
    typeof after.checkpoints === 'number' &&
    after.checkpoints > before.checkpoints)

export const readCompanions = (server: MeasuredServer): Promise<readonly ProcessCounters[]> =>
  Promise.all((server.companions ?? []).map(async ({ role, cpuUs }) => ({ role, cpuUs: await cpuUs() })))

export function companionsDifference(
  before: readonly ProcessCounters[],
  after: readonly ProcessCounters[],
): ProcessCounters[] {
  return after.map(({ role, cpuUs }, index) => {
    const earlier = before[index]?.cpuUs ?? { absent: 'not read' }
    if (typeof cpuUs !== 'number') return { role, cpuUs }
    return { role, cpuUs: typeof earlier === 'number' ? Math.max(0, cpuUs - earlier) : earlier }
  })
}

const absentReason = (value: number | Absent): string | undefined =>
  typeof value === 'number' ? undefined : value.absent

export function machineDifference(before: MachineReading | Absent, after: MachineReading | Absent): Slice['machine'] {
  if ('absent' in before) return before
  if ('absent' in after) return after
  return {
    serverCoresBusyUs: Math.max(0, after.busyUs - before.busyUs),
    serverCores: after.cores,
    stealUs: Math.max(0, after.stealUs - before.stealUs),
  }
}
