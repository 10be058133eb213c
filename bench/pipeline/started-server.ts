import type { CounterSnapshot } from '../../servers/contract/counters.ts'
import { AuthcostError } from '../../servers/contract/errors.ts'
import { withoutIssuerSecrets } from '../../servers/contract/issuer-protocol.ts'
import type { Secrets } from '../../servers/contract/strategy.ts'
import type { DelayProxy } from '../launch/delay/delay-proxy.ts'
import { type ServerOptions, ServerProcess } from '../launch/server.ts'
import { instancesOf } from '../plan/deployment.ts'
import type { Plan } from '../plan/plan.ts'
import type { PlannedVariant } from '../plan/planned-variant.ts'
import { type Companion, type CompanionSurroundings, startCompanions } from './companions.ts'
import { mergeSnapshots } from './merge-snapshots.ts'
import { type SchemasBySessions, schemaOf } from './table-sizes.ts'

/** Credentials outlive the run. */
export const runLifetimeS = 24 * 3600

/** A driver's connections stay open for as long as the server lives: between its slices of one load and of the next may be hours. */
const keepAliveTimeoutMs = 24 * 3_600_000

/** What every server of a run is started with. */
export interface ServerSurroundings {
  readonly plan: Plan
  readonly databaseUrl: string
  /** By the round trip they add, microseconds. */
  readonly delayProxies?: ReadonlyMap<number, DelayProxy>
  readonly databaseSchema: string
  readonly schemasBySessions?: SchemasBySessions
  /** By variant id. */
  readonly secrets: ReadonlyMap<string, Secrets>
  /** The run's Redis, or why there is none; absent where no variant needs one. */
  readonly redis?: CompanionSurroundings['redis']
  /** A shorter period of what the strategy does once a period; absent: its own. */
  readonly periodMs?: number
  /** Pins a process, all its threads, to the cores of the servers; does nothing where that cannot be done. */
  pin(pid: number): Promise<void>
}

/** Of the `application_name` of every pool of this run. */
export const applicationNamePrefix = `authcost-${process.pid}-`

/** Credentials for the run, of the first so many seeded users, in their order. */
export const issueForRun = (server: Pick<ServerProcess, 'issue'>, users: number): ReturnType<ServerProcess['issue']> =>
  server.issue({ fromUserId: 1, toUserId: users, nowMs: Date.now(), lifetimeS: runLifetimeS, fresh: false })

let started = 0

/** A server with what it needs beside it: one process, or several app instances that share their companions. */
export interface StartedServer {
  /** The first of its instances: what is asked of one server alone is asked of it. */
  readonly server: ServerProcess
  readonly instances: readonly ServerProcess[]
  /** Of the pools of all instances. */
  readonly applicationName: string
  readonly companions: readonly Companion[]
  /** Opens pools: its own where `pool` says so, and those of its companions. */
  warm(options: { readonly pool: boolean }): Promise<void>
  /** Gives each instance, and each companion that has one, a pool of this size. */
  setPoolSize(poolSize: number): Promise<void>
  /** The counters of all instances together, with the queries that its companions made for it. */
  snapshot(): Promise<CounterSnapshot>
  /** The instances first: what they need must not go before them. */
  stop(): Promise<void>
}

/** What one process of a variant is started with, and what stands beside it. */
export interface PreparedServer {
  readonly configuration: ServerOptions['configuration']
  readonly companions: readonly Companion[]
  stopCompanions(): Promise<void>
}

/** Starts what a variant needs beside its server, and says what the server is to be told. */
export async function prepareServer(
  planned: PlannedVariant,
  surroundings: ServerSurroundings,
  nodeFlags: readonly string[],
): Promise<PreparedServer> {
  const { plan } = surroundings
  const applicationName = `${applicationNamePrefix}${++started}`
  const secrets = surroundings.secrets.get(planned.variant.id) ?? {}
  const { redis } = surroundings
  const { deployment = {} } = planned
  const databaseSchema = schemaOf(deployment, surroundings)
  const databaseUrl = databaseUrlAt(deployment.dbDelayUs ?? 0, surroundings)
  const poolSize = deployment.poolSize ?? plan.poolSize
  const companions = await startCompanions(planned, {
    databaseUrl,
    databaseSchema,
    applicationName,
    poolSize,
    secrets,
    nodeFlags,
    ...(redis === undefined ? {} : { redis }),
  })
  return {
    configuration: {
      variantId: planned.variant.id,
      strategy: planned.variant.strategy,
      ...(planned.variant.file === undefined ? {} : { file: planned.variant.file }),
      parameters: planned.variant.parameters,
      secrets: Object.assign({}, withoutIssuerSecrets(secrets), ...companions.map((companion) => companion.secrets)),
      host: '127.0.0.1',
      port: 0,
      databaseUrl,
      databaseSchema,
      applicationName,
      poolSize,
      insecureCookies: false,
      accessLifetimeS: runLifetimeS,
      ...(surroundings.periodMs === undefined ? {} : { periodMs: surroundings.periodMs }),
      logRequests: false,
      keepAliveTimeoutMs,
    },
    companions,
    stopCompanions: async () => {
      await Promise.all(companions.map((companion) => companion.stop()))
    },
  }
}

/** Starts the server of one variant, all its instances, on any core: starting and compiling may use them all. */
export async function startServer(
  planned: PlannedVariant,
  surroundings: ServerSurroundings,
  nodeFlags: readonly string[],
): Promise<StartedServer> {
  const { deployment = {} } = planned
  const { configuration, companions, stopCompanions } = await prepareServer(planned, surroundings, nodeFlags)
  try {
    const instances = await startInstances(instancesOf(planned.deployment), {
      nodeFlags,
      ...(deployment.uvThreadpoolSize === undefined
        ? {}
        : { env: { UV_THREADPOOL_SIZE: String(deployment.uvThreadpoolSize) } }),
      configuration,
    })
    const [server, ...others] = instances
    const all = async (ask: (instance: ServerProcess) => Promise<void>) => {
      await Promise.all(instances.map(ask))
    }
    return {
      server,
      instances,
      applicationName: configuration.applicationName,
      companions,
      warm: async ({ pool }) => {
        await Promise.all([
          pool ? all((instance) => instance.warmPool()) : undefined,
          ...companions.map((companion) => companion.warm()),
        ])
      },
      setPoolSize: async (poolSize) => {
        await Promise.all([
          all((instance) => instance.setPoolSize(poolSize)),
          ...companions.map((companion) => companion.setPoolSize?.(poolSize)),
        ])
      },
      snapshot: async () => {
        const [first, ...rest] = await Promise.all([server.snapshot(), ...others.map((other) => other.snapshot())])
        return withQueries(mergeSnapshots([first, ...rest]), companions)
      },
      stop: async () => {
        await all((instance) => instance.stop())
        await stopCompanions()
      },
    }
  } catch (error) {
    await stopCompanions()
    throw error
  }
}

/** All or none: one that cannot start takes the others with it. They share secrets, so each accepts what another issued. */
async function startInstances(
  count: number,
  options: ServerOptions,
): Promise<readonly [ServerProcess, ...ServerProcess[]]> {
  const attempts = await Promise.allSettled(Array.from({ length: count }, () => ServerProcess.start(options)))
  const started = attempts.flatMap((attempt) => (attempt.status === 'fulfilled' ? [attempt.value] : []))
  const failed = attempts.find((attempt) => attempt.status === 'rejected')
  const [first, ...others] = started
  if (failed === undefined && first !== undefined) return [first, ...others]
  await Promise.all(started.map((instance) => instance.stop()))
  throw failed?.reason ?? new AuthcostError('launch.instances', `${count} app instances were to be started.`)
}

function databaseUrlAt(delayUs: number, { databaseUrl, delayProxies }: ServerSurroundings): string {
  if (delayUs === 0) return databaseUrl
  const proxy = delayProxies?.get(delayUs)
  if (proxy === undefined) throw new AuthcostError('launch.delay', `No delay proxy was started for ${delayUs} us.`)
  return proxy.url
}

async function withQueries(snapshot: CounterSnapshot, companions: readonly Companion[]): Promise<CounterSnapshot> {
  let queries = snapshot.queries
  for (const companion of companions) queries += (await companion.read()).queries
  return { ...snapshot, queries }
}

/** A server opens its pool only where its strategy has a statement to prepare; the others keep it closed. */
export const needsPool = ({ variant }: PlannedVariant): boolean => variant.needs.includes('postgres')
