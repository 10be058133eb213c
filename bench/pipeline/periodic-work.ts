import { missShareOf } from '../estimates/bursty.ts'
import { measureBursty } from '../measure/bursty.ts'
import type { Load, MeasuredServer } from '../measure/probes.ts'
import type { RestartPlace, StartedSet } from '../measure/restart.ts'
import { warmUp } from '../measure/warm-up.ts'
import {
  drawnShares,
  lapsingUsers,
  type PeriodicMeasurement,
  periodicLoad,
  periodicMeasurement,
  periodicSliceMs,
  renewals,
  shortenedRestarts,
} from '../plan/periodic.ts'
import type { Plan } from '../plan/plan.ts'
import { openLoopConnections } from '../plan/planned-load.ts'
import type { PlannedVariant } from '../plan/planned-variant.ts'
import type { RateChoice } from '../plan/profile.ts'
import { fixedRateSliceMs } from '../plan/slice-length.ts'
import type { Running } from './measure-restarts.ts'
import { warmUpOf } from './node-flags.ts'

type Rates = ReadonlyMap<RateChoice, number>

/** The variants of a set that do something dear once a period for each user, on their own servers, not interleaved. */
export async function measurePeriodicWork(
  running: Running,
  place: RestartPlace,
  started: StartedSet,
  rates: Rates,
): Promise<void> {
  for (const { planned, measurement } of periodicOf(running, place)) {
    const server = started.serverOf(planned.key)
    if (server === undefined || measurement.way === 'shortened-clock') continue
    if (measurement.way === 'own-clock') {
      await measureOne(running, place, { planned, measurement, server, load: started.load }, rates)
      continue
    }
    await using load = await started.renewing?.(server.key, measurement.measuredEveryMs)
    if (load !== undefined) await measureOne(running, place, { planned, measurement, server, load }, rates)
  }
}

/** Starts a server of one variant whose clock runs with a shorter period. */
export type StartShortened = (planned: PlannedVariant, periodMs: number) => Promise<StartedSet>

/** Those whose own period is too long to wait for, one after the other on servers of their own, once the set has ended. */
export async function measureShortenedPeriods(
  running: Running,
  place: RestartPlace,
  rates: Rates,
  { start, leftOut }: { readonly start: StartShortened; readonly leftOut: ReadonlySet<string> },
): Promise<void> {
  if (place.restart >= shortenedRestarts(running.plan)) return
  for (const { planned, measurement } of periodicOf(running, place)) {
    if (measurement.way !== 'shortened-clock' || leftOut.has(planned.key)) continue
    running.signal.throwIfAborted()
    await using started = await start(planned, measurement.measuredEveryMs)
    const server = started.serverOf(planned.key)
    if (server === undefined) continue
    await warmUp(started, running.signal, { ...warmUpOf(running.plan), connections: running.plan.connections })
    await measureOne(running, place, { planned, measurement, server, load: started.load }, rates)
  }
}

interface Periodic {
  readonly planned: PlannedVariant
  readonly measurement: PeriodicMeasurement
}

function periodicOf({ plan }: Running, { set }: RestartPlace): readonly Periodic[] {
  return (plan.sets[set] ?? []).flatMap((planned) => {
    const measurement = periodicMeasurement(planned)
    return measurement === undefined || periodicLoad(plan) === undefined ? [] : [{ planned, measurement }]
  })
}

/** Users who take part; undefined: all. */
function usersOf(plan: Plan, measurement: PeriodicMeasurement): number | undefined {
  if (measurement.way === 'new-credentials') return renewals(plan, measurement).users
  return measurement.way === 'lapsed-cookie' ? lapsingUsers(plan) : undefined
}

async function measureOne(
  { plan, environment, recording, progress, signal }: Running,
  { set, restart, group }: RestartPlace,
  { planned, measurement, server, load }: Periodic & { readonly server: MeasuredServer; readonly load: Load },
  rates: Rates,
): Promise<void> {
  const loadPlan = periodicLoad(plan)
  const requestsPerSecond = loadPlan === undefined ? undefined : rates.get(loadPlan.rate)
  if (loadPlan === undefined || requestsPerSecond === undefined) return
  const { key, role } = planned
  const { way, everyMs, measuredEveryMs } = measurement
  const users = usersOf(plan, measurement)
  const sliceMs = fixedRateSliceMs(loadPlan.sliceMs, requestsPerSecond)
  progress.phase(`restart ${restart + 1} of ${plan.restarts}: hits and misses of ${key}`)
  await measureBursty(server, load, environment.probes, {
    place: { set, restart, group, variant: key, role },
    recorded: {
      everyMs,
      ...(measuredEveryMs === everyMs ? {} : { measuredEveryMs }),
      ...(users === undefined ? {} : { users }),
    },
    ...(way === 'lapsed-cookie'
      ? { drawnShares: drawnShares(missShareOf(requestsPerSecond, measuredEveryMs, users ?? plan.users, plan.zipf)) }
      : {}),
    everyMs: measuredEveryMs,
    load: { mode: 'fixed-rate', connections: openLoopConnections, requestsPerSecond, arrivals: 'poisson' },
    // There are credentials for windows as long as they were expected to be.
    sliceMs: way === 'new-credentials' ? Math.min(sliceMs, periodicSliceMs(plan)) : sliceMs,
    seed: plan.seed,
    signal,
    onSlice: (slice) => recording.addBursty(slice),
  })
}
