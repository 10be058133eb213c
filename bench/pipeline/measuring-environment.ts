import { randomBytes } from 'node:crypto'
import { AuthcostError } from '../../servers/contract/errors.ts'
import { distinctLayouts } from '../../servers/contract/session-layout.ts'
import { cleanUpAfterDeadRuns } from '../environment/clean-up.ts'
import { removeContainer } from '../environment/container-engine.ts'
import { type CpuPlan, planCpusHere } from '../environment/cpu-plan.ts'
import { type DatabaseCounters, openDatabaseCounters } from '../environment/database-counters.ts'
import { coreKindOf, knownCoreSpeed } from '../environment/known-core-speed.ts'
import { RunLock, stateFolder } from '../environment/lock-file.ts'
import { describeMachine, describeNode, installedPackages } from '../environment/machine.ts'
import { pinProcess } from '../environment/pinning.ts'
import { startPostgres } from '../environment/postgres.ts'
import type { PostgresHandle } from '../environment/postgres-handle.ts'
import { SpeedProbe } from '../launch/core-speed/speed-probe.ts'
import { deleteExpiredRows } from '../launch/expired-rows.ts'
import { type RunRedis, redisFor } from '../launch/redis.ts'
import type { Probes } from '../measure/probes.ts'
import { type Plan, plannedVariants } from '../plan/plan.ts'
import type { EnvironmentRecord } from '../record/environment.ts'
import type { Absent } from '../record/slice.ts'
import { connectionsNeeded, requireRoom } from './connection-room.ts'
import { type Distances, startDistances } from './distances.ts'
import { makeProbes } from './environment-probes.ts'
import { leavesCredentials, mayWrite } from './may-write.ts'
import { nodeFlagsOf } from './node-flags.ts'
import { prepareTables } from './prepare-tables.ts'
import type { Progress } from './progress.ts'
import { Resources } from './resources.ts'
import type { SchemasBySessions } from './table-sizes.ts'

/** Samples of the trivial query: half a second at most, and a p99 with ten samples beyond it. */
const roundTripSamples = 500

/** Where a run measures: Postgres with its data, cores, counters. Disposing it leaves nothing behind. */
export interface MeasuringEnvironment extends AsyncDisposable {
  readonly postgres: PostgresHandle
  /** A new object after `restartPostgres`. */
  readonly counters: DatabaseCounters
  readonly cpus: CpuPlan | Absent
  readonly probes: Probes
  readonly record: EnvironmentRecord
  /** From which the seeded sessions derive; never recorded. */
  readonly sessionSecret: string
  readonly schemasBySessions: SchemasBySessions
  /** What stands between servers and database. A new object after `restartPostgres`. */
  readonly distances: Distances
  /** Redis, or why there is none; absent where no variant needs one. */
  readonly redis?: RunRedis | Absent
  /** Starts a Postgres of our own afresh, with its tables in memory again; does nothing to an external one. */
  restartPostgres(): Promise<void>
  /** Deletes rows that have expired: for between restarts, when no server of ours runs. */
  deleteExpiredRows(): Promise<void>
  /** Puts a process on the cores of the servers, where cores can be kept apart. */
  pinServer(pid: number): Promise<void>
  pinDriver(pid: number): Promise<void>
}

export interface EnvironmentOptions {
  readonly plan: Plan
  readonly runId: string
  /** Name of the folder that the run writes to; absent: its id. */
  readonly runFolder?: string
  /** Waited for before anything is timed: what is under way beside the preparation. */
  readonly quiet?: Promise<unknown>
  readonly progress: Progress
  readonly signal: AbortSignal
  /** Called when Postgres ends unasked. */
  onDatabaseLost(error: AuthcostError): void
  /** Called when a delay proxy ends unasked. */
  onProxyLost(error: Error): void
}

/** Starts Postgres, fills it, and finds out what can be read and pinned here. */
export async function prepareEnvironment(options: EnvironmentOptions): Promise<MeasuringEnvironment> {
  const { plan, runId, progress, signal } = options
  for (const notice of await cleanUpAfterDeadRuns({ removeContainer })) progress.notice(notice)
  const resources = new Resources()
  try {
    const lock = new RunLock(runId, stateFolder(), options.runFolder)
    resources.defer(() => lock.close())
    const cpus = planCpusHere(plan.serverCores)
    if ('absent' in cpus) progress.notice(`Nothing is pinned: ${cpus.absent}.`)
    const speedProbe = startSpeedProbe(cpus, resources)
    progress.phase('starting Postgres')
    const postgres = resources.use(
      await startPostgres({
        choice: plan.postgres,
        image: plan.postgresImage,
        maxConnections: connectionsNeeded(plan),
        autovacuum: plannedVariants(plan).some(mayWrite),
        ...('absent' in cpus ? {} : { cpus: cpus.database }),
        runId,
        lock,
        log: (line) => progress.notice(line),
        signal,
      }),
    )
    requireRoom(postgres, connectionsNeeded(plan))
    postgres.onExit((reason) => options.onDatabaseLost(databaseLost(postgres, reason)))
    const sessionSecret = randomBytes(32).toString('hex')
    const redis = await prepareRedis(options, lock, cpus, resources)
    const layouts = distinctLayouts(plannedVariants(plan).map(({ variant }) => variant.sessionLayout))
    const tables = await prepareTables({
      plan,
      postgres,
      layouts,
      redis: isThere(redis) ? redis : undefined,
      sessionSecret,
      progress,
      signal,
    })
    const openCounters = () => openDatabaseCounters({ url: postgres.url, own: postgres.kind !== 'external' })
    let counters = await openCounters()
    resources.defer(async () => {
      await counters[Symbol.asyncDispose]()
    })
    progress.phase('measuring the round trip to Postgres')
    await options.quiet
    const roundTrip = await counters.roundTrip(roundTripSamples)
    const backendCpu = await counters.backendCpu('authcost-harness')
    const pin = async (pid: number, list: (plan: CpuPlan) => string) => {
      if ('absent' in cpus) return
      const failure = await pinProcess(pid, list(cpus))
      if (failure !== undefined)
        throw new AuthcostError('environment.pin', `Cannot pin a process to its core: ${failure.absent}.`)
    }
    const distancesHere = () =>
      startDistances({
        plan,
        databaseUrl: postgres.url,
        pin: (pid) => pin(pid, (cores) => cores.servers),
        onDeath: options.onProxyLost,
      })
    let distances = await distancesHere()
    resources.defer(async () => {
      await distances[Symbol.asyncDispose]()
    })
    const coreSpeed = await speedProbe
    const machine = describeMachine()
    const known = 'absent' in cpus ? undefined : knownCoreSpeed(coreKindOf(cpus.servers, machine.cpuModel))
    const record: EnvironmentRecord = {
      node: describeNode(nodeFlagsOf(plan)),
      machine,
      pinning: 'absent' in cpus ? cpus : { servers: cpus.servers, database: cpus.database, driver: cpus.driver },
      postgres: {
        kind: postgres.kind,
        version: postgres.version,
        route: postgres.route,
        settings: { ...postgres.settings },
        roundTripUs: roundTrip,
        backendCpu: 'absent' in backendCpu ? backendCpu : 'schedstat',
        databaseBytes: await bytesOfAll(counters, tables.schemas),
      },
      ...(distances.record === undefined ? {} : { dbDelays: distances.record }),
      ...(isThere(redis) && tables.redis !== undefined
        ? { redis: { kind: redis.handle.kind, ...tables.redis, route: redis.handle.route } }
        : {}),
      ...(known === undefined ? {} : { coreSpeed: known }),
      packages: installedPackages(),
    }
    return {
      postgres,
      get counters() {
        return counters
      },
      get distances() {
        return distances
      },
      cpus,
      probes: makeProbes(() => counters, postgres.kind === 'external', cpus, coreSpeed),
      record,
      sessionSecret,
      schemasBySessions: tables.schemasBySessions,
      ...(redis === undefined ? {} : { redis }),
      restartPostgres: async () => {
        if (postgres.restart === undefined) return
        await counters[Symbol.asyncDispose]()
        await distances[Symbol.asyncDispose]()
        await postgres.restart()
        counters = await openCounters()
        for (const schema of tables.schemas) await counters.prewarm(schema)
        distances = await distancesHere()
      },
      deleteExpiredRows: async () => {
        if (!leavesCredentials(plan)) return
        for (const databaseSchema of tables.schemas)
          await deleteExpiredRows({ databaseUrl: postgres.url, databaseSchema, sessionLayouts: layouts })
      },
      pinServer: (pid) => pin(pid, (cores) => cores.servers),
      pinDriver: (pid) => pin(pid, (cores) => cores.driver),
      [Symbol.asyncDispose]: () => resources[Symbol.asyncDispose](),
    }
  } catch (error) {
    // What cannot be given back either must not hide why.
    await resources[Symbol.asyncDispose]().catch(() => undefined)
    throw error
  }
}

/** Started beside Postgres. Undefined where it cannot be had, or would run on other cores than the servers. */
function startSpeedProbe(cpus: CpuPlan | Absent, resources: Resources): Promise<SpeedProbe | undefined> {
  const start = async () => {
    if ('absent' in cpus) return undefined
    const probe = await SpeedProbe.startOn(cpus.servers)
    return 'absent' in probe ? undefined : probe
  }
  const starting = start().catch(() => undefined)
  resources.defer(async () => {
    const probe = await starting
    await probe?.[Symbol.asyncDispose]()
  })
  return starting
}

const isThere = (redis: RunRedis | Absent | undefined): redis is RunRedis => redis !== undefined && 'handle' in redis

async function bytesOfAll(counters: DatabaseCounters, schemas: readonly string[]): Promise<number> {
  let bytes = 0
  for (const schema of schemas) bytes += await counters.databaseBytes(schema)
  return bytes
}

/** Starts Redis where a variant needs it, on the cores of the database. */
async function prepareRedis(
  { plan, runId, progress, signal, onDatabaseLost }: EnvironmentOptions,
  lock: RunLock,
  cpus: CpuPlan | Absent,
  resources: Resources,
): Promise<RunRedis | Absent | undefined> {
  const variants = plannedVariants(plan).map(({ variant }) => variant)
  const pinned = 'absent' in cpus ? undefined : cpus.database
  const options = {
    url: plan.redis,
    image: plan.redisImage,
    runId,
    lock,
    ...(pinned === undefined ? {} : { cpus: pinned }),
    log: (line: string) => progress.notice(line),
    signal,
  }
  const redis = await redisFor(variants, options)
  if (!isThere(redis)) return redis
  const handle = resources.use(redis.handle)
  if (handle.pid !== undefined && pinned !== undefined) await pinProcess(handle.pid, pinned)
  handle.onExit((reason) => onDatabaseLost(new AuthcostError('redis.lost', `Redis ended while needed: ${reason}`)))
  return redis
}

function databaseLost(postgres: PostgresHandle, reason: string): AuthcostError {
  const lines = postgres.state().lastLogLines.slice(-8)
  const log = lines.length === 0 ? '' : ` Its last lines:\n${lines.map((line) => `  ${line}`).join('\n')}`
  return new AuthcostError('postgres.lost', `Postgres ended while it was needed: ${reason}.${log}`)
}
