import { setTimeout } from 'node:timers/promises'
import type { CounterSnapshot } from '../../servers/contract/counters.ts'
import { AuthcostError } from '../../servers/contract/errors.ts'
import { withoutIssuerSecrets } from '../../servers/contract/issuer-protocol.ts'
import type { Secrets } from '../../servers/contract/strategy.ts'
import type { DelayProxy } from '../launch/delay/delay-proxy.ts'
import { type ServerOptions, ServerProcess } from '../launch/server.ts'
import type { LoadDriver } from '../load/load-driver.ts'
import { DriverLoad } from '../measure/driver-load.ts'
import type { MeasuredServer } from '../measure/probes.ts'
import type { StartedSet } from '../measure/restart.ts'
import type { PlannedServer } from '../plan/order.ts'
import type { Plan, PlannedVariant } from '../plan/plan.ts'
import type { Slice } from '../record/slice.ts'
import { badSharesOf, giveBadCredentials } from './bad-traffic.ts'
import { type Companion, type CompanionSurroundings, startCompanions } from './companions.ts'

/** Without it a server that idles before its first load stays up to 25 % dearer for good (docs/method.md, Traps). */
export const measuringNodeFlags: readonly string[] = ['--no-memory-reducer']

/** What every server of a run is started with. */
export interface ServerSurroundings {
  readonly plan: Plan
  readonly databaseUrl: string
  /** By the round trip they add, microseconds. */
  readonly delayProxies?: ReadonlyMap<number, DelayProxy>
  readonly databaseSchema: string
  /** By variant id. */
  readonly secrets: ReadonlyMap<string, Secrets>
  /** The run's Redis, or why there is none; absent where no variant needs one. */
  readonly redis?: CompanionSurroundings['redis']
  /** Pins a process, all its threads, to the cores of the servers; does nothing where that cannot be done. */
  pin(pid: number): Promise<void>
}

let started = 0

/** A server with what it needs beside it. */
export interface StartedServer {
  readonly server: ServerProcess
  readonly applicationName: string
  readonly companions: readonly Companion[]
  /** Opens pools: its own where `pool` says so, and those of its companions. */
  warm(options: { readonly pool: boolean }): Promise<void>
  /** The server's counters, with the queries that its companions made for it. */
  snapshot(): Promise<CounterSnapshot>
  /** The server first: what it needs must not go before it. */
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
  const applicationName = `authcost-${process.pid}-${++started}`
  const secrets = surroundings.secrets.get(planned.variant.id) ?? {}
  const { databaseSchema, redis } = surroundings
  const { deployment = {} } = planned
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
      logRequests: false,
    },
    companions,
    stopCompanions: async () => {
      await Promise.all(companions.map((companion) => companion.stop()))
    },
  }
}

/** Starts the server of one variant, on any core: starting and compiling may use them all. */
export async function startServer(
  planned: PlannedVariant,
  surroundings: ServerSurroundings,
  nodeFlags: readonly string[],
): Promise<StartedServer> {
  const { deployment = {} } = planned
  const { configuration, companions, stopCompanions } = await prepareServer(planned, surroundings, nodeFlags)
  try {
    const server = await ServerProcess.start({
      nodeFlags,
      ...(deployment.uvThreadpoolSize === undefined
        ? {}
        : { env: { UV_THREADPOOL_SIZE: String(deployment.uvThreadpoolSize) } }),
      configuration,
    })
    return {
      server,
      applicationName: configuration.applicationName,
      companions,
      warm: async ({ pool }) => {
        await Promise.all([pool ? server.warmPool() : undefined, ...companions.map((companion) => companion.warm())])
      },
      snapshot: async () => withQueries(await server.snapshot(), companions),
      stop: async () => {
        await server.stop()
        await stopCompanions()
      },
    }
  } catch (error) {
    await stopCompanions()
    throw error
  }
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

/** Credentials outlive the run. */
export const runLifetimeS = 24 * 3600

export interface StartSetOptions {
  readonly servers: readonly PlannedServer[]
  readonly surroundings: ServerSurroundings
  readonly driver: LoadDriver
  readonly group: Slice['group']
  /** Names the users drawn in this restart. */
  readonly walk: string
  /** Backends that Postgres runs for an `application_name`; undefined where it does not say. */
  countBackends(applicationName: string): Promise<number | undefined>
  /** Called when a server dies while it should be measured. */
  onDeath(error: Error): void
}

/** One running process and those whom it serves. */
interface RunningServer {
  readonly planned: PlannedServer
  readonly first: PlannedVariant
  readonly started: StartedServer
}

/** Starts all servers of a set in parallel, opens their pools and the driver's connections. */
export async function startSet(options: StartSetOptions): Promise<StartedSet> {
  const { surroundings, driver } = options
  const { plan } = surroundings
  const running = await startAll(options)
  const stop = async () => {
    await Promise.all(running.map(({ started }) => started.stop()))
  }
  try {
    await Promise.all(running.map(({ first, started }) => started.warm({ pool: needsPool(first) })))
    await giveBadCredentials(running, surroundings, driver)
    const load = new DriverLoad(
      driver,
      running.map(({ planned, first, started }) => ({
        key: planned.key,
        url: started.server.url,
        credentials: first.variant.id,
      })),
      options.walk,
    )
    await load.open(
      new Set(plan.loads.filter(({ rounds }) => rounds > 0).map(({ mode }) => mode)),
      mostConnections(plan),
      badSharesOf(plan),
    )
    for (const { started } of running) {
      started.server.child.onUnexpectedExit(options.onDeath)
      for (const companion of started.companions) companion.onDeath(options.onDeath)
    }
    const servers = new Map(running.map((one) => [one.planned.key, measured(one, options)]))
    const serving = new Map(
      running.flatMap(({ planned }) => planned.serves.map(({ key }) => [key, servers.get(planned.key)])),
    )
    return {
      servers: [...servers.values()],
      serverOf: (key) => serving.get(key),
      load,
      pin: async () => {
        const pids = running.flatMap(({ started }) => [started.server.pid, ...started.companions.map(({ pid }) => pid)])
        await Promise.all(pids.map((pid) => (pid === undefined ? undefined : surroundings.pin(pid))))
      },
      [Symbol.asyncDispose]: async () => {
        // A driver or server that has died must not keep the others from being stopped.
        await load.close().catch(() => undefined)
        await stop()
      },
    }
  } catch (error) {
    await stop()
    throw error
  }
}

/** All or none: one that cannot start takes the others with it. */
async function startAll({ servers, surroundings, group }: StartSetOptions): Promise<RunningServer[]> {
  const nodeFlags = group === 'production' || surroundings.plan.keepNodeFlags ? [] : measuringNodeFlags
  const attempts = await Promise.allSettled(
    servers.flatMap((planned) => {
      const [first] = planned.serves
      return first === undefined
        ? []
        : [startServer(first, surroundings, nodeFlags).then((started) => ({ planned, first, started }))]
    }),
  )
  const running = attempts.flatMap((attempt) => (attempt.status === 'fulfilled' ? [attempt.value] : []))
  const failed = attempts.find((attempt) => attempt.status === 'rejected')
  if (failed === undefined) return running
  await Promise.all(running.map(({ started }) => started.stop()))
  throw failed.reason
}

/** The largest number of connections of any closed loop; smaller ones use a part of them. */
const mostConnections = ({ loads, connections }: Plan): number =>
  Math.max(connections, ...loads.map((load) => (load.mode === 'saturation' ? load.connections : 0)))

function measured({ planned, first, started }: RunningServer, options: StartSetOptions): MeasuredServer {
  const { plan, delayProxies } = options.surroundings
  const proxy = delayProxies?.get(first.deployment?.dbDelayUs ?? 0)
  const sizes = new Map(planned.serves.map(({ key, deployment }) => [key, deployment?.poolSize ?? plan.poolSize]))
  let [size] = sizes.values()
  return {
    key: planned.key,
    applicationName: started.applicationName,
    snapshot: () => started.snapshot(),
    issue: async (credentials) => {
      await started.server.issue({
        fromUserId: 1,
        toUserId: credentials,
        nowMs: Date.now(),
        lifetimeS: runLifetimeS,
        fresh: false,
      })
    },
    accounts: {
      url: started.server.url,
      add: (username, passwordHash) => started.server.addAccount(username, passwordHash),
    },
    ...(new Set(sizes.values()).size < 2
      ? {}
      : {
          become: async (key) => {
            const wanted = sizes.get(key)
            if (wanted === undefined || wanted === size) return
            await resizePool(started, wanted, options)
            size = wanted
          },
        }),
    companions: [
      ...started.companions.map((companion) => ({
        role: companion.role,
        cpuUs: async () => (await companion.read()).cpuUs,
      })),
      ...(proxy === undefined ? [] : [{ role: 'delay-proxy' as const, cpuUs: () => proxy.cpuUs() }]),
    ],
  }
}

/** A backend takes a moment to end; one that ended inside a slice would make it doubtful. */
const longestResizeMs = 1000

async function resizePool(started: StartedServer, size: number, { countBackends }: StartSetOptions): Promise<void> {
  await started.server.setPoolSize(size)
  await started.warm({ pool: true })
  const latestMs = performance.now() + longestResizeMs
  for (;;) {
    const backends = await countBackends(started.applicationName)
    if (backends === undefined || backends <= size || performance.now() > latestMs) return
    await setTimeout(2)
  }
}

/** A server opens its pool only where its strategy has a statement to prepare; the others keep it closed. */
export const needsPool = ({ variant }: PlannedVariant): boolean => variant.needs.includes('postgres')
