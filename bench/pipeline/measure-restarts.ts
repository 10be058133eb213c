import { untilAborted } from '../environment/until-aborted.ts'
import type { LoadDriver } from '../load/load-driver.ts'
import { measureRestart, type RestartPlace } from '../measure/restart.ts'
import type { WarmUp } from '../measure/warm-up.ts'
import { type IsActive, orderOfSets, serversOf } from '../plan/order.ts'
import { lifecycleRestarts, type Plan } from '../plan/plan.ts'
import { checkedKey } from '../plan/planned-variant.ts'
import type { RateChoice } from '../plan/profile.ts'
import { resolveRate } from '../plan/rate.ts'
import { restartsBegun } from '../record/restarts.ts'
import type { Results } from '../record/run.ts'
import { type Load, loadKey } from '../record/slice.ts'
import type { Recording } from '../results/recording.ts'
import type { RunFolder } from '../results/run-folder.ts'
import type { Admission } from './admission.ts'
import { type Decide, decideSoFar } from './decide.ts'
import type { MeasuringEnvironment } from './measuring-environment.ts'
import { warmUpOf } from './node-flags.ts'
import { measurePeriodicWork, measureShortenedPeriods, type StartShortened } from './periodic-work.ts'
import { recordPlan } from './plan-record.ts'
import type { Progress } from './progress.ts'
import { loadsMet, ratesOf } from './resuming.ts'
import { RunClock } from './run-clock.ts'
import { type StartSetOptions, startSet } from './server-set.ts'
import { measureSignIns } from './sign-ins.ts'
import type { ServerSurroundings } from './started-server.ts'

/** A measuring run once everything is prepared: what the restarts need. */
export interface Running {
  readonly plan: Plan
  readonly environment: MeasuringEnvironment
  readonly driver: LoadDriver
  readonly surroundings: ServerSurroundings
  readonly recording: Recording
  readonly folder: RunFolder
  readonly admissions: readonly Admission[]
  /** What was measured before, where a run goes on. */
  readonly earlier: Results | undefined
  readonly progress: Progress
  readonly signal: AbortSignal
  readonly decide: Decide | undefined
  /** A server that dies ends the run. */
  die(error: Error): void
  /** Measures something else in each restart, once its servers are stopped. */
  readonly afterServers?: ((running: Running, restart: number) => Promise<void>) | undefined
}

/** Servers of the production group idle so long, connected, before their first load (docs/method.md, Traps). */
const productionIdleMs = 15_000

/**
 * All restarts of a plan, one after the other; after each the record is assembled and the stopping rule asked. What an
 * earlier part of a sweep has settled gets no further rounds in this one.
 */
export async function measureRestarts(running: Running): Promise<void> {
  const { plan, recording, environment, signal } = running
  const leftOut = new Set(
    running.admissions.flatMap(({ planned, state }) => (state === 'measured' ? [] : [planned.key])),
  )
  const first = running.earlier === undefined ? 0 : restartsBegun(running.earlier)
  const clock = new RunClock(plan, leftOut, first)
  const rates = ratesOf(plan, running.earlier)
  const loads = new Map(loadsMet(running.earlier).map((load) => [loadKey(load), load]))
  const noteLoad = (load: Load) => {
    if (loads.has(loadKey(load))) return
    loads.set(loadKey(load), load)
    recording.changeHead({ plan: recordPlan(plan, environment.postgres.kind, running.admissions, [...loads.values()]) })
  }
  let isActive: IsActive | undefined = decideSoFar(plan, running.earlier)?.isActive
  if (isActive !== undefined) clock.narrow(isActive)
  for (let restart = first; restart < plan.restarts; restart++) {
    if (restart > first) {
      if (plan.restartPostgres) {
        running.progress.phase(`restart ${restart + 1} of ${plan.restarts}: restarting Postgres`)
        await environment.restartPostgres()
      }
      // Left by bad traffic and by what was measured; no server runs now, so nobody pays for it.
      await environment.deleteExpiredRows()
    }
    for (const place of placesOf(plan, restart)) {
      await measureOneSet(running, place, { clock, rates, leftOut, noteLoad, isActive })
      if (place.group !== 'default') continue
      const start: StartShortened = (planned, periodMs) =>
        startSet(setOptions(running, place, [{ key: planned.key, serves: [planned] }], periodMs))
      await untilAborted(measureShortenedPeriods(running, place, rates, { start, leftOut }), signal)
    }
    await running.afterServers?.(running, restart)
    clock.restartDone()
    const { run } = recording.head
    const whole = (run.wholeRestarts ?? 0) + 1
    recording.changeHead({ run: { ...run, wholeRestarts: whole } })
    running.folder.write('results.json', `${JSON.stringify(recording.results())}\n`)
    const { head } = recording
    const record = { plan: head.plan, environment: head.environment, slices: [...recording.slices] }
    const decision = running.decide?.(record, { whole, begun: restart + 1 })
    if (decision !== undefined && decision.warnings.length > 0) {
      recording.changeHead({ warnings: [...recording.head.warnings, ...decision.warnings] })
    }
    if (decision?.words !== undefined)
      running.progress.notice(`after restart ${restart + 1} of ${plan.restarts}: ${decision.words}`)
    isActive = decision?.isActive
    if (isActive !== undefined) clock.narrow(isActive)
    if (decision?.stop === true) {
      recording.changeHead({ plan: { ...recording.head.plan, restarts: restart + 1 } })
      return
    }
  }
}

/** Every set in an order of its own, then, where the profile asks for it, again with production's Node flags. */
function placesOf(plan: Plan, restart: number): RestartPlace[] {
  if (plan.loads.length === 0) return []
  const sets = orderOfSets(plan, restart)
  const groups = plan.productionFlags ? (['default', 'production'] as const) : (['default'] as const)
  return groups.flatMap((group) => sets.map((set) => ({ set, restart, group })))
}

interface Bookkeeping {
  readonly clock: RunClock
  readonly rates: Map<RateChoice, number>
  readonly leftOut: ReadonlySet<string>
  readonly isActive: IsActive | undefined
  noteLoad(load: Load): void
}

async function measureOneSet(
  running: Running,
  place: RestartPlace,
  { clock, rates, leftOut, noteLoad, isActive }: Bookkeeping,
): Promise<void> {
  const { plan, progress, recording, environment, signal } = running
  const flags = place.group === 'production' ? ", production's Node flags" : ''
  progress.phase(`restart ${place.restart + 1} of ${plan.restarts}${flags}: starting and warming up`)
  signal.throwIfAborted()
  const servers = serversOf(plan, place.set, place.restart)
    .map(({ key, serves }) => ({ key, serves: serves.filter((variant) => !leftOut.has(checkedKey(variant))) }))
    .filter(({ serves }) => serves.length > 0)
  await using started = await startSet(setOptions(running, place, servers))
  const work = measureRestart(started, {
    plan,
    place,
    probes: environment.probes,
    signal,
    isActive,
    idleMs: place.group === 'production' ? productionIdleMs : 0,
    warmUp: warmUpOf(plan, place.group),
    rateOf: (choice, warmUps) => rateOf(choice, warmUps, rates),
    onWarmUp: (warmUps) =>
      recording.addWarmUps(
        warmUps.map(({ key, requests, loadMs, steady }) => ({ variant: key, ...place, requests, loadMs, steady })),
      ),
    onSlice: (slice) => {
      recording.addSlice(slice)
      clock.sliceDone()
      noteLoad(slice.load)
    },
    ...(plan.purpose === 'tune-token' && place.group === 'default'
      ? {
          onSignings: (signings) =>
            recording.changeHead({ signings: [...(recording.head.signings ?? []), ...signings] }),
        }
      : {}),
    onFurtherRound: (slices) => clock.add(slices),
    onStart: ({ variant, load, round }) =>
      progress.slice({
        variant: variant.key,
        load: loadKey(load),
        restart: place.restart + 1,
        restarts: plan.restarts,
        round: round + 1,
        ...clock.state(),
      }),
  })
  await untilAborted(work, signal)
  if (place.group === 'default') await untilAborted(measurePeriodicWork(running, place, started, rates), signal)
  // Last, because it writes: what slices read is as it was.
  if (place.restart < lifecycleRestarts(plan) && place.group === 'default')
    await untilAborted(measureSignIns(running, place, started), signal)
}

function setOptions(
  { surroundings, environment, driver, die }: Running,
  { group, restart }: RestartPlace,
  servers: StartSetOptions['servers'],
  periodMs?: number,
): StartSetOptions {
  return {
    servers,
    surroundings: {
      ...surroundings,
      databaseUrl: environment.postgres.url,
      delayProxies: environment.distances.proxies,
      ...(periodMs === undefined ? {} : { periodMs }),
    },
    countBackends: (applicationName) => countBackends(environment, applicationName),
    driver,
    group,
    walk: String(restart),
    onDeath: die,
  }
}

async function countBackends({ probes }: MeasuringEnvironment, applicationName: string): Promise<number | undefined> {
  const reading = await probes.database(applicationName)
  return 'absent' in reading ? undefined : reading.backends.size
}

/** Fixed once, after the first warm-up of the first set, for all variants and restarts. */
function rateOf(choice: RateChoice, warmUps: readonly WarmUp[], rates: Map<RateChoice, number>): number {
  const known = rates.get(choice)
  if (known !== undefined) return known
  const rate = resolveRate(choice, Math.min(...warmUps.map(({ requestsPerSecond }) => requestsPerSecond)))
  rates.set(choice, rate)
  return rate
}
