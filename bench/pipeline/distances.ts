import { DelayProxy } from '../launch/delay/delay-proxy.ts'
import { type Plan, plannedVariants } from '../plan/plan.ts'
import type { EnvironmentRecord } from '../record/environment.ts'
import { Resources } from './resources.ts'

/** Pairs of round trips by which a distance is measured, when it stands on the cores it will be used on. */
const samples = 200

/** The distances of a plan from its database, each with a proxy that adds it. */
export interface Distances extends AsyncDisposable {
  /** By the round trip added, microseconds. */
  readonly proxies: ReadonlyMap<number, DelayProxy>
  /** What they really add. Absent where the plan has none. */
  readonly record: EnvironmentRecord['dbDelays']
}

export interface DistancesOptions {
  readonly plan: Plan
  readonly databaseUrl: string
  /** Puts a proxy on the cores of the servers: the driver's are never idle. */
  pin(pid: number): Promise<void>
  onDeath(error: Error): void
}

/**
 * Starts what stands between servers and database.
 *
 * @throws {AuthcostError} `usage.db-delay` for an address that nothing can stand in front of.
 */
export async function startDistances({ plan, databaseUrl, pin, onDeath }: DistancesOptions): Promise<Distances> {
  const asked = plannedVariants(plan).map(({ deployment }) => deployment?.dbDelayUs ?? 0)
  const proxies = new Map<number, DelayProxy>()
  const record: NonNullable<EnvironmentRecord['dbDelays']> = []
  const resources = new Resources()
  try {
    for (const delayUs of new Set(asked)) {
      if (delayUs === 0) continue
      const proxy = resources.use(await DelayProxy.start({ databaseUrl, delayUs }))
      await pin(proxy.pid)
      proxy.onUnexpectedExit(onDeath)
      const { p50, p99 } = await proxy.measure(samples)
      record.push({ askedUs: delayUs, addedUs: { p50, p99 }, samples })
      proxies.set(delayUs, proxy)
    }
  } catch (error) {
    await resources[Symbol.asyncDispose]().catch(() => undefined)
    throw error
  }
  return {
    proxies,
    record: record.length === 0 ? undefined : record,
    [Symbol.asyncDispose]: () => resources[Symbol.asyncDispose](),
  }
}
