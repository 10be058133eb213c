import { setMaxListeners } from 'node:events'
import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { identityBody, seededIdentity } from '../../servers/contract/identity.ts'
import { packageRoot } from '../environment/compiled-path.ts'
import { coreKindOf, noteCoreSpeed } from '../environment/known-core-speed.ts'
import { estimate } from '../estimates/estimate.ts'
import { LoadDriver } from '../load/load-driver.ts'
import type { Plan } from '../plan/plan.ts'
import { type Results, schemaVersion } from '../record/run.ts'
import { Recording } from '../results/recording.ts'
import type { RunFolder } from '../results/run-folder.ts'
import { admitVariants, createSecrets, unguardedOf } from './admission.ts'
import { badTrafficChecks } from './bad-traffic.ts'
import { measureCoreSharing } from './core-sharing.ts'
import type { Decide } from './decide.ts'
import { measureRestarts, type Running } from './measure-restarts.ts'
import { prepareEnvironment } from './measuring-environment.ts'
import { recordPlan } from './plan-record.ts'
import type { Progress } from './progress.ts'
import { Resources } from './resources.ts'
import { continued, loadsMet, requireSame } from './resuming.ts'
import { runWarnings } from './run-warnings.ts'
import type { ServerSurroundings } from './started-server.ts'
import { countWrites } from './writes.ts'

export interface RunOptions {
  readonly plan: Plan
  readonly runId: string
  readonly command: Results['run']['command']
  /** As typed, without secrets. */
  readonly commandLine: string
  /** The run's folder, made beforehand: a place that cannot be written to is no reason to measure first. */
  readonly folder: RunFolder
  readonly progress: Progress
  /** Aborted by Ctrl-C or SIGTERM: what was measured is kept. */
  readonly signal: AbortSignal
  /** What an earlier part of this run measured, which goes on in its folder. */
  readonly earlier?: Results | undefined
  /** Called once it is clear that the earlier part may be added to. */
  readonly onContinued?: (() => void) | undefined
  /** Asked after each restart: whether enough is known. Absent: the plan's number of restarts decides. */
  readonly decide?: Decide | undefined
  /** Measures something else in each restart, once its servers are stopped. */
  readonly afterServers?: Running['afterServers']
}

/** How a run ended, with everything that was measured. */
export interface RunOutcome {
  readonly results: Results | undefined
  /** What ended it early; undefined when it is complete. */
  readonly failure: unknown
}

/**
 * Measures a plan from a fresh Postgres to the last slice. Never throws away what was measured: however it ends, the
 * recording is closed with its state and handed back with the failure.
 */
export async function runPlan(options: RunOptions): Promise<RunOutcome> {
  const { plan, progress } = options
  // A server or database that dies ends the run like Ctrl-C does, with its own message.
  const death = new AbortController()
  const signal = AbortSignal.any([options.signal, death.signal])
  // One listener for each variant and event whose revocation lag is waited for: many at once are no leak.
  setMaxListeners(0, signal)
  const die = (error: Error) => death.abort(error)
  const startedAt = new Date()
  let recording: Recording | undefined
  let failure: unknown
  const resources = new Resources()
  try {
    // While Postgres starts, which is waiting, mostly.
    const starting = LoadDriver.start()
    resources.defer(async () => (await starting.catch(() => undefined))?.[Symbol.asyncDispose]())
    const runIn = starting.then((driver) => runInDriver(driver, plan))
    runIn.catch(() => undefined)
    const environment = resources.use(
      await prepareEnvironment({
        plan,
        runId: options.runId,
        runFolder: basename(options.folder.path),
        quiet: runIn,
        progress,
        signal,
        onDatabaseLost: die,
        onProxyLost: die,
      }),
    )
    if (options.earlier !== undefined) {
      requireSame(options.earlier, environment.record, toolVersion())
      options.onContinued?.()
    }
    const driver = await runIn
    driver.child.onUnexpectedExit(die)
    const surroundings: ServerSurroundings = {
      plan,
      databaseUrl: environment.postgres.url,
      delayProxies: environment.distances.proxies,
      databaseSchema: environment.postgres.schema,
      schemasBySessions: environment.schemasBySessions,
      secrets: await createSecrets(plan, environment.sessionSecret),
      ...(environment.redis === undefined ? {} : { redis: environment.redis }),
      pin: environment.pinServer,
    }
    const admissions = await environment.counters.withQueryTracking((count) =>
      admitVariants({
        plan,
        surroundings,
        driver,
        signal,
        countStatements: async (work) => (await count(work)).calls,
        onGate: (variants) => progress.phase(`checking ${variants} variants against the table of attacks`),
        onCount: (key) => progress.phase(`counting the queries of ${key}`),
      }),
    )
    const badTraffic = badTrafficChecks(plan, admissions)
    const writes = await countWrites(admissions, {
      surroundings,
      driver,
      signal,
      read: () => environment.counters.writes(environment.postgres.schema),
      ended: (applicationName) => environment.counters.backendsEnded(applicationName),
      onVariant: (key) => progress.phase(`counting what ${key} writes`),
    })
    const coreSharing = await measureCoreSharing({
      plan,
      environment,
      surroundings,
      admissions,
      signal,
      onStart: () => progress.phase('measuring what it costs that servers and Postgres share a core'),
    })
    recording = new Recording(
      options.folder,
      {
        schemaVersion,
        tool: { name: 'authcost', version: toolVersion() },
        run: {
          id: options.runId,
          command: options.command,
          state: 'running',
          seed: plan.seed,
          commandLine: options.commandLine,
          startedAt: startedAt.toISOString(),
          ...(options.earlier === undefined ? {} : continued(options.earlier, options.commandLine, startedAt)),
        },
        environment: { ...environment.record, ...(coreSharing === undefined ? {} : { coreSharing }) },
        plan: recordPlan(plan, environment.postgres.kind, admissions, loadsMet(options.earlier)),
        ...(options.earlier?.signings === undefined ? {} : { signings: options.earlier.signings }),
        checks: {
          gate: admissions.flatMap(({ checks }) => checks),
          ...unguardedOf(admissions),
          queryCounts: admissions.flatMap(({ queryCount }) => (queryCount === undefined ? [] : [queryCount])),
          ...(writes.length === 0 ? {} : { writes }),
          ...(badTraffic === undefined ? {} : { badTraffic }),
          revocation: admissions.flatMap(({ revocation }) => revocation ?? []),
          wire: admissions.flatMap(({ bytes }) => (bytes === undefined ? [] : [bytes.wire])),
          state: admissions.flatMap(({ bytes }) => (bytes === undefined ? [] : [bytes.state])),
        },
        warnings: runWarnings(admissions, { shared: environment.probes.sharedCores === true, coreSharing }),
      },
      estimate,
      options.earlier,
    )
    // The harness itself sleeps while a slice runs; pinned, it would hand its one core down to every server it starts.
    await environment.pinDriver(driver.child.pid)
    await measureRestarts({
      plan,
      environment,
      driver,
      surroundings,
      recording,
      folder: options.folder,
      admissions,
      earlier: options.earlier,
      progress,
      signal,
      decide: options.decide,
      die,
      afterServers: options.afterServers,
    })
  } catch (error) {
    // The reason of the abort says more than the call that it interrupted.
    failure = signal.aborted ? signal.reason : error
  } finally {
    progress.phase('stopping')
    await resources[Symbol.asyncDispose]().catch((error: unknown) => {
      failure ??= error
    })
  }
  if (recording === undefined) return { results: undefined, failure }
  const interrupted = options.signal.aborted
  recording.changeHead({
    run: {
      ...recording.head.run,
      state: failure === undefined ? 'complete' : interrupted ? 'interrupted' : 'failed',
      ...(failure === undefined || interrupted ? {} : { failure: firstSentence(failure) }),
      finishedAt: new Date().toISOString(),
    },
  })
  const results = recording.results()
  noteOwnCoreSpeed(results)
  return { results, failure }
}

/** For later runs on the same cores, which may never find them undisturbed. */
function noteOwnCoreSpeed({ run, environment: { machine, pinning }, coreSpeed }: Results): void {
  if (coreSpeed === undefined || 'absent' in coreSpeed || 'absent' in pinning) return
  const { fastestWorkUs, loads } = coreSpeed
  if (fastestWorkUs === undefined) return
  const slopes = loads.flatMap(({ mode, own }) => (own === undefined ? [] : [{ mode, ...own }]))
  noteCoreSpeed(coreKindOf(pinning.servers, machine.cpuModel), run.id, { workUs: fastestWorkUs, slopes })
}

/** Tells the driver who the users are, and has it run in. */
async function runInDriver(driver: LoadDriver, plan: Plan): Promise<LoadDriver> {
  await driver.setPopulation({
    expectedBodies: Array.from({ length: plan.users }, (_, index) => identityBody(seededIdentity(index + 1))),
    zipfExponent: plan.zipf,
    seed: plan.seed,
  })
  await driver.rehearse()
  return driver
}

const firstSentence = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? ''

function toolVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(join(packageRoot(import.meta.dirname), 'package.json'), 'utf8'))
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest
    ? String(manifest.version)
    : 'unknown'
}
