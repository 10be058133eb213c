import type { CounterSnapshot } from '../../../servers/contract/counters.ts'
import type { CallsResult } from '../../load/protocol.ts'
import type { LifecycleBatch } from '../../record/lifecycle.ts'
import { histogramFromCounts } from '../../statistics/histogram.ts'
import { checkpointRan, companionsDifference, databaseDifference, readCompanions } from '../counter-differences.ts'
import type { DatabaseReading, MeasuredServer, Probes } from '../probes.ts'

/** Calls to be measured together, and how they are named in the record. */
export interface CallBatch {
  readonly place: Pick<LifecycleBatch, 'variant' | 'set' | 'restart' | 'round' | 'call' | 'requestsPerToken'>
  /** What its figures are divided by. */
  readonly calls: number
  send(): Promise<CallsResult>
}

/** Measures a batch like a slice: counters with nothing in flight, the calls, counters again. */
export async function measureCalls(
  { place, calls, send }: CallBatch,
  server: MeasuredServer,
  probes: Probes,
): Promise<{ readonly batch: LifecycleBatch; readonly answers: CallsResult['answers'] }> {
  const [appBefore, databaseBefore] = await Promise.all([server.snapshot(), probes.database(server.applicationName)])
  const companionsBefore = await readCompanions(server)
  const result = await send()
  const appAfter = await server.snapshot()
  const databaseAfter = await probes.database(server.applicationName)
  const processes = companionsDifference(companionsBefore, await readCompanions(server))
  const database = databaseDifference(databaseBefore, databaseAfter)
  const doubts: LifecycleBatch['doubts'] = result.failures === 0 ? [] : ['failed-calls']
  if (!('absent' in databaseBefore || 'absent' in databaseAfter))
    doubts.push(...inDatabase(databaseBefore, databaseAfter))
  return {
    batch: {
      ...place,
      calls,
      failures: result.failures,
      startedAt: result.startedAt,
      durationMs: result.durationMs,
      latency: histogramFromCounts(result.latency.counts, result.latency.meanNs),
      app: {
        cpuUs: appCpuUs(appAfter) - appCpuUs(appBefore),
        queries: appAfter.queries - appBefore.queries,
      },
      database: 'absent' in database ? database : { cpuUs: database.cpuUs },
      ...(processes.length === 0 ? {} : { processes }),
      doubts,
    },
    answers: result.answers,
  }
}

const appCpuUs = ({ cpuUserUs, cpuSystemUs, readingCpuUs }: CounterSnapshot): number =>
  cpuUserUs + cpuSystemUs - readingCpuUs

function inDatabase(before: DatabaseReading, after: DatabaseReading): LifecycleBatch['doubts'] {
  const doubts: LifecycleBatch['doubts'] = []
  if (checkpointRan(before, after)) doubts.push('checkpoint')
  if (before.autovacuumActive || after.autovacuumActive) doubts.push('autovacuum')
  if ([...before.backends.keys()].some((pid) => !after.backends.has(pid))) doubts.push('backend-ended')
  return doubts
}
