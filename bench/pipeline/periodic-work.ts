import { openLoopConnections } from '../load/open-loop.ts'
import { measureBursty } from '../measure/bursty.ts'
import type { RestartPlace, StartedSet } from '../measure/restart.ts'
import type { Plan } from '../plan/plan.ts'
import { isPeriodic } from '../plan/planned-variant.ts'
import type { RateChoice } from '../plan/profile.ts'
import type { Running } from './measure-restarts.ts'

/** The variants of a set that do something dear on a clock of their own, at the first fixed rate, without interleaving. */
export async function measurePeriodicWork(
  { plan, environment, recording, progress, signal }: Running,
  { set, restart, group }: RestartPlace,
  started: StartedSet,
  rates: ReadonlyMap<RateChoice, number>,
): Promise<void> {
  const planned = fixedRateOf(plan)
  const requestsPerSecond = planned === undefined ? undefined : rates.get(planned.rate)
  if (planned === undefined || requestsPerSecond === undefined) return
  for (const { key, role, variant } of (plan.sets[set] ?? []).filter(isPeriodic)) {
    const server = started.serverOf(key)
    const everyMs = variant.traits.periodic?.everyMs
    if (server === undefined || everyMs === undefined) continue
    progress.phase(`restart ${restart + 1} of ${plan.restarts}: hits and misses of ${key}`)
    await measureBursty(server, started.load, environment.probes, {
      place: { set, restart, group, variant: key, role },
      everyMs,
      load: { mode: 'fixed-rate', connections: openLoopConnections, requestsPerSecond, arrivals: 'poisson' },
      sliceMs: planned.sliceMs,
      seed: plan.seed,
      signal,
      onSlice: (slice) => recording.addBursty(slice),
    })
  }
}

const fixedRateOf = (plan: Plan) =>
  plan.loads.flatMap((load) => (load.mode === 'fixed-rate' && load.rounds > 0 ? [load] : []))[0]
