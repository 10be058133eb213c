import type { Secrets } from '../../servers/contract/strategy.ts'
import { ServerProcess } from '../launch/server.ts'
import type { LoadDriver } from '../load/load-driver.ts'
import { DriverLoad } from '../measure/driver-load.ts'
import type { MeasuredServer } from '../measure/probes.ts'
import type { StartedSet } from '../measure/restart.ts'
import type { Plan, PlannedVariant } from '../plan/plan.ts'
import type { Slice } from '../record/slice.ts'

/** Without it a server that idles before its first load stays up to 25 % dearer for good (docs/method.md, Traps). */
export const measuringNodeFlags: readonly string[] = ['--no-memory-reducer']

/** What every server of a run is started with. */
export interface ServerSurroundings {
  readonly plan: Plan
  readonly databaseUrl: string
  readonly databaseSchema: string
  /** By variant id. */
  readonly secrets: ReadonlyMap<string, Secrets>
  /** Pins a process, all its threads, to the cores of the servers; does nothing where that cannot be done. */
  pin(pid: number): Promise<void>
}

let started = 0

/** Starts the server of one variant, on any core: starting and compiling may use them all. */
export async function startServer(
  planned: PlannedVariant,
  surroundings: ServerSurroundings,
  nodeFlags: readonly string[],
): Promise<{ readonly server: ServerProcess; readonly applicationName: string }> {
  const { plan } = surroundings
  const applicationName = `authcost-${process.pid}-${++started}`
  const server = await ServerProcess.start({
    nodeFlags,
    configuration: {
      variantId: planned.variant.id,
      strategy: planned.variant.strategy,
      ...(planned.variant.file === undefined ? {} : { file: planned.variant.file }),
      parameters: planned.variant.parameters,
      secrets: surroundings.secrets.get(planned.variant.id) ?? {},
      host: '127.0.0.1',
      port: 0,
      databaseUrl: surroundings.databaseUrl,
      databaseSchema: surroundings.databaseSchema,
      applicationName,
      poolSize: plan.poolSize,
      insecureCookies: false,
      accessLifetimeS: runLifetimeS,
      logRequests: false,
    },
  })
  return { server, applicationName }
}

/** Credentials outlive the run. */
export const runLifetimeS = 24 * 3600

export interface StartSetOptions {
  readonly variants: readonly PlannedVariant[]
  readonly surroundings: ServerSurroundings
  readonly driver: LoadDriver
  readonly group: Slice['group']
  /** Called when a server dies while it should be measured. */
  onDeath(error: Error): void
}

/** Starts all servers of a set in parallel, opens their pools and the driver's connections. */
export async function startSet(options: StartSetOptions): Promise<StartedSet> {
  const { surroundings, driver } = options
  const { plan } = surroundings
  const nodeFlags = options.group === 'production' || plan.keepNodeFlags ? [] : measuringNodeFlags
  const attempts = await Promise.allSettled(
    options.variants.map(async (planned) => ({ planned, ...(await startServer(planned, surroundings, nodeFlags)) })),
  )
  const running = attempts.flatMap((attempt) => (attempt.status === 'fulfilled' ? [attempt.value] : []))
  const stop = async () => {
    await Promise.all(running.map(({ server }) => server.stop()))
  }
  try {
    const failed = attempts.find((attempt) => attempt.status === 'rejected')
    if (failed !== undefined) throw failed.reason
    await Promise.all(running.map(({ planned, server }) => (needsPool(planned) ? server.warmPool() : undefined)))
    const load = new DriverLoad(
      driver,
      running.map(({ planned, server }) => ({ key: planned.key, url: server.url, credentials: planned.variant.id })),
    )
    await load.open(new Set(plan.loads.filter(({ rounds }) => rounds > 0).map(({ mode }) => mode)), plan.connections)
    for (const { server } of running) server.child.onUnexpectedExit(options.onDeath)
    const servers = running.map(
      ({ planned, server, applicationName }): MeasuredServer => ({
        key: planned.key,
        applicationName,
        snapshot: () => server.snapshot(),
      }),
    )
    return {
      servers,
      load,
      pin: async () => {
        await Promise.all(running.map(({ server }) => surroundings.pin(server.pid)))
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

/** A strategy that asks no database on a request leaves its pool closed, as its users' servers would. */
export const needsPool = ({ variant }: PlannedVariant): boolean =>
  variant.traits.form === 'opaque' && variant.needs.includes('postgres')
