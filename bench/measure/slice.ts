import type { LoadResult } from '../load/protocol.ts'
import { longestSliceMs, unloadedResponses } from '../plan/slice-length.ts'
import {
  type Absent,
  type Load as LoadRecord,
  probeCpuUs,
  type RecordedHistogram,
  type Slice,
} from '../record/slice.ts'
import { anyQuantileNs, decodeHistogram, histogramFromCounts } from '../statistics/histogram.ts'
import {
  appDifference,
  checkpointRan,
  companionsDifference,
  databaseDifference,
  machineDifference,
  readCompanions,
} from './counter-differences.ts'
import type { DatabaseReading, Load, MeasuredServer, Probes } from './probes.ts'
import { doubtsOf } from './validity.ts'

/** Where a slice stands in the run. */
export type SlicePlace = Pick<
  Slice,
  'set' | 'restart' | 'round' | 'further' | 'position' | 'variant' | 'role' | 'group'
>

export interface SliceRequest {
  readonly place: SlicePlace
  readonly load: LoadRecord
  readonly sliceMs: number
  /** Saturation and bad traffic: slow variants go on until so many responses have come, but no longer than `longestSliceMs`. */
  readonly leastResponses?: number
  /** Saturation and bad traffic: the server may be left idle on purpose (few connections, a small pool, a distant database). */
  readonly mayIdle?: boolean
  /** Seed of the arrivals of a fixed-rate slice. */
  readonly seed: number
  /** Of `OpenLoopRequest`. */
  readonly lapsedShare?: number | undefined
}

/**
 * Measures one window: counters of server, database and machine while nothing is in flight, load, counters again. The
 * window holds whole requests only, so that requests, CPU and queries belong to one another exactly.
 */
export async function measureSlice(
  request: SliceRequest,
  server: MeasuredServer,
  load: Load,
  probes: Probes,
): Promise<Slice> {
  const [appBefore, databaseBefore] = await Promise.all([server.snapshot(), probes.database(server.applicationName)])
  const companionsBefore = await readCompanions(server)
  await probes.coreSpeed?.begin()
  const machineBefore = probes.machine()
  const result = await applyLoad(request, server.key, load)
  const reading = probes.coreSpeed?.end()
  const machineAfter = probes.machine()
  const frequencyRatio = probes.frequencyRatio?.()
  const appAfter = await server.snapshot()
  const databaseAfter = await probes.database(server.applicationName)
  const processes = companionsDifference(companionsBefore, await readCompanions(server))
  const coreSpeed = await reading
  const app = appDifference(appBefore, appAfter)
  const database = databaseDifference(databaseBefore, databaseAfter)
  const machine = machineDifference(machineBefore, machineAfter)
  const slice: Omit<Slice, 'doubts'> = {
    ...request.place,
    load: request.load,
    startedAt: result.startedAt,
    durationMs: result.durationMs,
    requests: result.requests,
    errors: result.errors,
    non2xx: result.non2xx,
    wrongBodies: result.wrongBodies,
    ...(result.badTraffic === undefined ? {} : { badTraffic: result.badTraffic }),
    latency: histogramFromCounts(result.latency.counts, result.latency.meanNs),
    ...(result.scheduleLag === undefined
      ? {}
      : { scheduleLag: histogramFromCounts(result.scheduleLag.counts, result.scheduleLag.meanNs) }),
    ...(result.waitedForConnection === undefined ? {} : { waitedForConnection: result.waitedForConnection }),
    ...(result.unsent === undefined ? {} : { unsent: result.unsent }),
    driver: {
      cpuUs: result.driverCpuUs,
      idleTurnShare: result.idleTurnShare,
      bytesSent: result.bytesSent,
      bytesReceived: result.bytesReceived,
    },
    app,
    database,
    ...(processes.length === 0 ? {} : { processes }),
    machine,
    ...(coreSpeed === undefined
      ? {}
      : { coreSpeed: 'absent' in coreSpeed ? coreSpeed : { ...coreSpeed, sharedCores: probes.sharedCores ?? false } }),
  }
  return {
    ...slice,
    doubts: judge(
      slice,
      result,
      { mayIdle: request.mayIdle ?? false, frequencyRatio, instances: server.instances ?? 1 },
      probes,
      databaseBefore,
      databaseAfter,
    ),
  }
}

function applyLoad(
  { load: record, sliceMs, seed, leastResponses, lapsedShare }: SliceRequest,
  key: string,
  load: Load,
): Promise<LoadResult> {
  switch (record.mode) {
    case 'saturation':
      return load.saturate(key, {
        connections: record.connections,
        durationMs: sliceMs,
        minResponses: leastResponses ?? 0,
        maxDurationMs: Math.max(longestSliceMs, sliceMs),
      })
    case 'bad-traffic':
      return load.saturate(key, {
        connections: record.connections,
        badShare: record.badShare,
        badKind: record.kind,
        durationMs: sliceMs,
        minResponses: leastResponses ?? 0,
        maxDurationMs: Math.max(longestSliceMs, sliceMs),
      })
    case 'unloaded':
      return load.unloaded(key, {
        durationMs: sliceMs,
        minResponses: unloadedResponses,
        maxDurationMs: Math.max(longestSliceMs, sliceMs),
      })
    case 'fixed-rate':
      return load.openLoop(key, {
        requestsPerSecond: record.requestsPerSecond,
        durationMs: sliceMs,
        arrivals: record.arrivals,
        seed,
        ...(lapsedShare === undefined ? {} : { lapsedShare }),
      })
  }
}

/** CPU of the database and of all companions; undefined where any of it is not known. */
function cpuBesideServerUs({ database, processes = [] }: Pick<Slice, 'database' | 'processes'>): number | undefined {
  let us = 'absent' in database ? undefined : database.cpuUs
  for (const { cpuUs } of processes) us = us === undefined || typeof cpuUs !== 'number' ? undefined : us + cpuUs
  return us
}

function judge(
  slice: Omit<Slice, 'doubts'>,
  result: LoadResult,
  {
    mayIdle,
    frequencyRatio,
    instances,
  }: { readonly mayIdle: boolean; readonly frequencyRatio: number | undefined; readonly instances: number },
  probes: Probes,
  before: DatabaseReading | Absent,
  after: DatabaseReading | Absent,
): Slice['doubts'] {
  const readings = 'absent' in before || 'absent' in after ? undefined : { before, after }
  // A companion stands on the same cores as the database, and like it may be what is saturated.
  const databaseCpuUs = cpuBesideServerUs(slice)
  const machine = 'absent' in slice.machine ? undefined : slice.machine
  return doubtsOf({
    load: slice.load,
    durationMs: slice.durationMs,
    requests: slice.requests,
    errors: slice.errors,
    non2xx: slice.non2xx,
    wrongBodies: slice.wrongBodies,
    badTraffic: slice.badTraffic,
    meanLatencyUs: slice.latency.meanNs / 1000,
    idleTurnShare: slice.driver.idleTurnShare,
    clockStepMs: result.clockStepMs,
    frequencyRatio,
    scheduleLagP99Us: scheduleLagP99Us(slice.scheduleLag),
    unsent: slice.unsent,
    appRequests: slice.app.requests,
    appRefusals: slice.app.refusals,
    appCpuUs: slice.app.cpuUs,
    // Who asked nothing used nothing, readable or not: the control is judged on every database.
    databaseCpuUs: databaseCpuUs ?? (slice.app.queries === 0 && slice.processes === undefined ? 0 : undefined),
    sharedCores: probes.sharedCores,
    appCores: Math.min(instances, probes.serverCores ?? 1),
    mayIdle,
    backendEnded:
      readings !== undefined && [...readings.before.backends.keys()].some((pid) => !readings.after.backends.has(pid)),
    stealUs: machine?.stealUs,
    foreignUs:
      machine === undefined || databaseCpuUs === undefined
        ? undefined
        : machine.serverCoresBusyUs - slice.app.cpuUs - databaseCpuUs - probeCpuUs(slice),
    idleShare:
      machine === undefined
        ? undefined
        : 1 - (machine.serverCoresBusyUs + machine.stealUs) / (slice.durationMs * 1000 * machine.serverCores),
    checkpoint: readings !== undefined && checkpointRan(readings.before, readings.after),
    autovacuum: readings !== undefined && (readings.before.autovacuumActive || readings.after.autovacuumActive),
    // Looks back over the slice; who was active before it does not matter.
    foreignBackends: readings === undefined ? 0 : readings.after.foreignBackends,
  })
}

function scheduleLagP99Us(lag: RecordedHistogram | undefined): number | undefined {
  const ns = lag === undefined ? undefined : anyQuantileNs(decodeHistogram(lag), 0.99)
  return ns === undefined ? undefined : ns / 1000
}
