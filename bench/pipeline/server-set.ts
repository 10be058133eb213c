import { setTimeout } from 'node:timers/promises'
import type { LoadDriver } from '../load/load-driver.ts'
import { DriverLoad } from '../measure/driver-load.ts'
import type { MeasuredServer } from '../measure/probes.ts'
import type { StartedSet } from '../measure/restart.ts'
import { badKindsOf } from '../plan/bad-kinds.ts'
import type { PlannedServer } from '../plan/order.ts'
import type { Plan } from '../plan/plan.ts'
import type { PlannedVariant } from '../plan/planned-variant.ts'
import type { Slice } from '../record/slice.ts'
import { badMixesOf, giveBadCredentials } from './bad-traffic.ts'
import { nodeFlagsOf } from './node-flags.ts'
import { issueForRun, needsPool, type ServerSurroundings, type StartedServer, startServer } from './started-server.ts'
import { credentialsKey } from './table-sizes.ts'

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

/** One running server, all its instances, and those whom it serves. */
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
        urls: started.instances.map(({ url }) => url),
        credentials: credentialsKey(first, plan),
        badKinds: badKindsOf(first.variant.traits).sent,
      })),
      options.walk,
    )
    await load.open(
      new Set(plan.loads.filter(({ rounds }) => rounds > 0).map(({ mode }) => mode)),
      mostConnections(plan),
      badMixesOf(plan),
    )
    for (const { started } of running) {
      for (const instance of started.instances) instance.child.onUnexpectedExit(options.onDeath)
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
      renewing: (key, everyMs) => load.renewing(key, everyMs),
      pin: async () => {
        const pids = running.flatMap(({ started }) =>
          [...started.instances, ...started.companions].map(({ pid }) => pid),
        )
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
  const nodeFlags = nodeFlagsOf(surroundings.plan, group)
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
    instances: started.instances.length,
    snapshot: () => started.snapshot(),
    issue: async (credentials) => {
      await issueForRun(started.server, credentials)
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
  await started.setPoolSize(size)
  await started.warm({ pool: true })
  const { pool } = await started.snapshot()
  const ofCompanions = started.companions.filter(({ setPoolSize }) => setPoolSize !== undefined).length * size
  const open = (pool?.total ?? 0) + ofCompanions
  const latestMs = performance.now() + longestResizeMs
  for (;;) {
    const backends = await countBackends(started.applicationName)
    if (backends === undefined || backends <= open || performance.now() > latestMs) return
    await setTimeout(2)
  }
}
