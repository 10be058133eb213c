import { AuthcostError } from '../../servers/contract/errors.ts'
import type { Plan } from '../plan/plan.ts'
import type { RateChoice } from '../plan/profile.ts'
import type { EnvironmentRecord } from '../record/environment.ts'
import { restartsWhole } from '../record/restarts.ts'
import type { Results } from '../record/run.ts'
import { type Load, loadKey } from '../record/slice.ts'

/** The loads of the earlier parts, as they were first met. From the slices: heads of resumed runs used to lose them. */
export function loadsMet(earlier: Pick<Results, 'slices'> | undefined): Load[] {
  const loads = new Map<string, Load>()
  for (const { load } of earlier?.slices ?? []) if (!loads.has(loadKey(load))) loads.set(loadKey(load), load)
  return [...loads.values()]
}

/** The fixed rates that the earlier part settled on: one run has one rate. */
export function ratesOf(plan: Plan, earlier: Pick<Results, 'slices'> | undefined): Map<RateChoice, number> {
  const settled = loadsMet(earlier).flatMap((load) => (load.mode === 'fixed-rate' ? [load.requestsPerSecond] : []))
  const choices = plan.loads.flatMap((load) => (load.mode === 'fixed-rate' ? [load.rate] : []))
  return new Map(
    choices.flatMap((choice, index) => {
      const rate = settled[index]
      return rate === undefined ? [] : [[choice, rate] as const]
    }),
  )
}

/** What stays of the earlier head: its id is the folder's, it began when the first part did, and what is whole counts. */
export function continued(
  earlier: Results,
  commandLine: string,
  now: Date,
): Pick<Results['run'], 'id' | 'startedAt' | 'pausedMs' | 'commandLine' | 'wholeRestarts'> {
  const { run } = earlier
  const ended = run.finishedAt === undefined ? lastMeasuredMs(earlier) : Date.parse(run.finishedAt)
  return {
    id: run.id,
    startedAt: run.startedAt,
    commandLine: `${run.commandLine}; ${commandLine}`,
    pausedMs: (run.pausedMs ?? 0) + Math.max(0, now.getTime() - ended),
    wholeRestarts: restartsWhole(earlier),
  }
}

/** When the last thing was measured of a run that was killed: what came after is no time of the run. */
const lastMeasuredMs = ({ run, slices, bursty, lifecycle }: Results): number =>
  [...slices, ...(bursty?.slices ?? []).map(({ slice }) => slice), ...(lifecycle?.batches ?? [])].reduce(
    (last, { startedAt, durationMs }) => Math.max(last, Date.parse(startedAt) + durationMs),
    Date.parse(run.startedAt),
  )

/** What must be the same for two parts to be one run, by the name that a reader knows it by. */
const identity = (environment: EnvironmentRecord, version: string): Readonly<Record<string, unknown>> => ({
  'version of authcost': version,
  'version of Node': environment.node.version,
  "Node's flags": environment.node.flags,
  'processor model': environment.machine.cpuModel,
  'number of processors': environment.machine.logicalCpus,
  'operating system': `${environment.machine.platform} ${environment.machine.arch} ${environment.machine.kernel}`,
  pinning: environment.pinning,
  'kind of Postgres': environment.postgres.kind,
  'version of Postgres': environment.postgres.version,
  'route to Postgres': environment.postgres.route,
  'settings of Postgres': environment.postgres.settings,
  'kind of Redis': environment.redis?.kind,
  'product as Redis': environment.redis?.product,
  'version of Redis': environment.redis?.version,
  'route to Redis': environment.redis?.route,
})

/**
 * Refuses to add to a run what was measured elsewhere or otherwise.
 *
 * @throws {AuthcostError} `resume.differs`, naming what differs.
 */
export function requireSame(earlier: Results, environment: EnvironmentRecord, version: string): void {
  const before = identity(earlier.environment, earlier.tool.version)
  const now = identity(environment, version)
  const differing = Object.keys(now).filter((name) => JSON.stringify(before[name]) !== JSON.stringify(now[name]))
  if (differing.length === 0) return
  throw new AuthcostError(
    'resume.differs',
    `The run cannot be continued: it was measured with another ${differing.join(', another ')}. Begin a new one.`,
  )
}
