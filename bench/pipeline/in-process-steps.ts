import { AuthcostError } from '../../servers/contract/errors.ts'
import { measureSteps, type StepUnderTest } from '../micro/measure-steps.ts'
import { StepProcess } from '../micro/step-process.ts'
import { orderOfSets } from '../plan/order.ts'
import type { Plan } from '../plan/plan.ts'
import type { PlannedVariant } from '../plan/planned-variant.ts'
import type { MicroRecord, MicroTask } from '../record/micro.ts'
import { createRandom } from '../statistics/random.ts'
import { createZipf, ranks } from '../statistics/zipf.ts'
import type { Companion } from './companions.ts'
import type { Running } from './measure-restarts.ts'
import { nodeFlagsOf } from './node-flags.ts'
import { Resources } from './resources.ts'
import { prepareServer } from './started-server.ts'

/** Distinct places of the walk: more than caches of a processor remember of a token, and few enough to prepare. */
const walkLength = 4096

export interface InProcessOptions {
  readonly rounds: number
  /** Length of one run of one task, milliseconds. */
  readonly runMs: number
  /** Length of each task's warm-up, milliseconds. */
  readonly warmUpMs: number
}

/**
 * Times the authentication steps of a plan's variants in process, once in each restart, after its servers have been
 * stopped: so both lie within the same minute. What is found is written into the record after each restart, and what
 * an interruption leaves as well.
 */
export function stepsInProcess(
  plan: Plan,
  options: InProcessOptions,
): (running: Running, restart: number) => Promise<void> {
  const walk = walkOf(plan)
  const runs: MicroRecord['runs'] = []
  const coreSpeeds: NonNullable<MicroRecord['coreSpeeds']> = []
  const leftOut = new Map<string, string>()
  const tasks = new Map<string, readonly MicroTask[]>()
  return async (running, restart) => {
    try {
      for (const set of orderOfSets(plan, restart)) {
        running.progress.phase(
          `restart ${restart + 1} of ${plan.restarts}: the authentication steps in process`,
          restart / plan.restarts,
        )
        await measureSet(running, { set, restart, walk, runs, coreSpeeds, leftOut, tasks }, options)
      }
    } finally {
      running.recording.changeHead({
        micro: {
          restarts: plan.restarts,
          rounds: options.rounds,
          runMs: options.runMs,
          users: new Set(walk).size,
          inFlight: plan.connections,
          http: plan.loads.length > 0,
          leftOut: [...leftOut].map(([variant, reason]) => ({ variant, reason })),
          tasks: [...tasks.values()].flat(),
          runs: [...runs],
          ...(coreSpeeds.length === 0 ? {} : { coreSpeeds: [...coreSpeeds] }),
        },
      })
    }
  }
}

/** Users as the load driver draws them: popular ones more often. The same walk for every variant. */
function walkOf(plan: Plan): number[] {
  const random = createRandom(plan.seed, 'micro/walk')
  const zipf = createZipf(ranks(plan.users, random), plan.zipf)
  return Array.from({ length: walkLength }, () => zipf.draw(random))
}

interface SetPlace {
  readonly set: number
  readonly restart: number
  readonly walk: number[]
  readonly runs: MicroRecord['runs']
  readonly coreSpeeds: NonNullable<MicroRecord['coreSpeeds']>
  /** Why variants cannot be timed, by key; they are not tried again. */
  readonly leftOut: Map<string, string>
  /** What each variant's process offers, by its key. */
  readonly tasks: Map<string, readonly MicroTask[]>
}

async function measureSet(running: Running, place: SetPlace, options: InProcessOptions): Promise<void> {
  const { plan, signal } = running
  await using resources = new Resources()
  const speed = running.environment.probes.coreSpeed
  const wanted = variantsOf(running, place)
  const attempts = await Promise.allSettled(
    wanted.map(async (planned) => startStep(running, planned, place.walk, resources)),
  )
  signal.throwIfAborted()
  const steps: StepUnderTest[] = []
  for (const [index, attempt] of attempts.entries()) {
    const planned = wanted[index]
    if (attempt.status === 'fulfilled') steps.push(attempt.value)
    else if (planned?.role === 'candidate' && attempt.reason instanceof AuthcostError) {
      place.leftOut.set(planned.key, attempt.reason.message)
    } else throw attempt.reason
  }
  for (const { variant, tasks } of steps) {
    place.tasks.set(
      variant,
      tasks.map((task) => ({ variant, ...task })),
    )
  }
  await measureSteps(
    steps,
    { seed: plan.seed, set: place.set, restart: place.restart, ...options },
    {
      signal,
      onRun: (run) => place.runs.push(run),
      // Over HTTP the driver's core is never idle, and in a virtual machine it may be the other half of the servers'.
      onRounds: async () => {
        // A driver that has died must not keep the processes from being stopped.
        resources.defer(() => running.driver.keepAwake(false).catch(() => undefined))
        await running.driver.keepAwake(true)
        // A run of one task is too short to sample; all of them together are as long as slices.
        await speed?.begin()
      },
    },
  )
  const reading = await speed?.end()
  if (reading !== undefined && !('absent' in reading)) {
    place.coreSpeeds.push({ set: place.set, restart: place.restart, ...reading })
  }
}

/** The twin is the control once more: here it would only repeat it. */
function variantsOf({ plan, admissions }: Running, { set, leftOut }: SetPlace): PlannedVariant[] {
  return (plan.sets[set] ?? []).filter(({ key, role }) => {
    const admission = admissions.find(({ planned }) => planned.key === key)
    return role !== 'twin' && admission?.state === 'measured' && !leftOut.has(key)
  })
}

/** One variant's step in a process of its own, with what the variant needs beside it; given back with `resources`. */
export async function startStepProcess(
  planned: PlannedVariant,
  walk: number[],
  { plan, surroundings, signal }: Pick<Running, 'plan' | 'surroundings' | 'signal'>,
  resources: Resources,
): Promise<{
  readonly step: StepProcess
  readonly applicationName: string
  readonly companions: readonly Companion[]
}> {
  const nodeFlags = nodeFlagsOf(plan)
  const { configuration, companions, stopCompanions } = await prepareServer(planned, surroundings, nodeFlags)
  resources.defer(stopCompanions)
  const step = await StepProcess.start({ configuration, walk, inFlight: plan.connections }, { nodeFlags, signal })
  resources.defer(() => step.stop())
  await Promise.all(companions.map((companion) => companion.warm()))
  return { step, applicationName: configuration.applicationName, companions }
}

async function startStep(
  running: Running,
  planned: PlannedVariant,
  walk: number[],
  resources: Resources,
): Promise<StepUnderTest> {
  // Postgres may have been restarted since the run began.
  const surroundings = { ...running.surroundings, databaseUrl: running.environment.postgres.url }
  const { step, companions } = await startStepProcess(planned, walk, { ...running, surroundings }, resources)
  step.child.onUnexpectedExit(running.die)
  for (const companion of companions) companion.onDeath(running.die)
  const pids = [step.child.pid, ...companions.flatMap(({ pid }) => (pid === undefined ? [] : [pid]))]
  return {
    variant: planned.key,
    tasks: step.tasks,
    warmUp: (ms) => step.warmUp(ms),
    pin: async () => {
      await Promise.all(pids.map((pid) => surroundings.pin(pid)))
    },
    run: (task, runMs) => step.run(task, runMs),
  }
}
