import { AuthcostError } from '../../servers/contract/errors.ts'
import { databaseDifference } from '../measure/counter-differences.ts'
import type { Plan } from '../plan/plan.ts'
import { boundsOf } from '../record/bounded.ts'
import type { CoreSharing } from '../record/core-sharing.ts'
import type { Absent } from '../record/slice.ts'
import { exponentiated, type Interval, intervalOfRestarts } from '../statistics/restart-interval.ts'
import { median } from '../statistics/samples.ts'
import type { Admission } from './admission.ts'
import { startStepProcess } from './in-process-steps.ts'
import type { MeasuringEnvironment } from './measuring-environment.ts'
import { Resources } from './resources.ts'
import type { ServerSurroundings } from './started-server.ts'

export interface CoreSharingOptions {
  readonly plan: Plan
  readonly environment: MeasuringEnvironment
  readonly surroundings: ServerSurroundings
  readonly admissions: readonly Admission[]
  readonly signal: AbortSignal
  onStart(): void
}

type Place = 'shared' | 'apart'
/** Microseconds per look-up, turn by turn. */
interface Turns {
  readonly app: number[]
  readonly database: number[]
}

/** Pairs of turns, either place first as often, so that a drift falls on both; enough for an interval on a busy machine. */
const pairs = 10
const turnMs = 120
/** Of each task, to find out how many calls make a sample; then of the look-up, until its code is compiled (docs/method.md, trap 10). */
const warmUpMs = { perTask: 20, lookUp: 2500 }
/** Enough users that not all look-ups find the same row in the processor's caches. */
const users = 512

/**
 * Looks up in process what a variant looks up on every request, with the process on the core that servers and
 * Postgres share and on that of the driver, which has nothing to do yet. Undefined where the profile does not ask, nothing
 * is shared, or nobody asks Postgres on every request.
 */
export async function measureCoreSharing(options: CoreSharingOptions): Promise<CoreSharing | Absent | undefined> {
  const { plan, environment, signal } = options
  const wanted = plan.coreSharing && environment.probes.sharedCores === true
  const asking = wanted ? options.admissions.find(asksOnEveryRequest) : undefined
  if (asking === undefined) return undefined
  options.onStart()
  try {
    return await lookUpInBothPlaces(asking, options)
  } catch (error) {
    signal.throwIfAborted()
    // Of a strategy whose step cannot be called in process.
    if (error instanceof AuthcostError) return { absent: error.message }
    throw error
  }
}

async function lookUpInBothPlaces(
  { planned }: Admission,
  { plan, environment, surroundings, signal }: CoreSharingOptions,
): Promise<CoreSharing | Absent> {
  await using resources = new Resources()
  const walk = Array.from({ length: Math.min(users, plan.users) }, (_, index) => index + 1)
  const { step, applicationName } = await startStepProcess(planned, walk, { plan, surroundings, signal }, resources)
  const task = step.tasks.findLast(({ kind }) => kind === 'step')
  if (task === undefined) return { absent: 'its step was not offered in process' }
  const found: Record<Place, Turns> = {
    shared: { app: [], database: [] },
    apart: { app: [], database: [] },
  }
  await step.warmUp(warmUpMs.perTask)
  await step.run(task, warmUpMs.lookUp)
  const order = (pair: number): readonly Place[] => (pair % 2 === 0 ? ['shared', 'apart'] : ['apart', 'shared'])
  for (const place of Array.from({ length: pairs }, (_, pair) => order(pair)).flat()) {
    signal.throwIfAborted()
    await (place === 'shared' ? environment.pinServer : environment.pinDriver)(step.child.pid)
    const before = await environment.probes.database(applicationName)
    const run = await step.run(task, turnMs)
    const database = databaseDifference(before, await environment.probes.database(applicationName))
    if ('absent' in database) return database
    found[place].app.push(run.cpuUs)
    found[place].database.push(database.cpuUs / run.calls)
  }
  const medians = ({ app, database }: Turns) => ({
    appCpuUs: median(app),
    databaseCpuUs: median(database),
  })
  const times = timesOf(found)
  if ('absent' in times) return times
  return {
    variant: planned.key,
    inFlight: task.inFlight,
    turns: pairs,
    turnMs,
    shared: medians(found.shared),
    apart: medians(found.apart),
    times: boundsOf(times),
  }
}

/** App and database CPU together, shared over apart, paired: the mean of logarithms over the pairs with Student's t. */
function timesOf({ shared, apart }: Readonly<Record<Place, Turns>>): Interval | Absent {
  const totals = ({ app, database }: Turns) => app.map((us, turn) => us + (database[turn] ?? 0))
  const others = totals(apart)
  const logs = totals(shared).map((us, turn) => Math.log(us / (others[turn] ?? us)))
  const interval = intervalOfRestarts(logs)
  return 'absent' in interval ? interval : exponentiated(interval)
}

/** Alone, too: with an auth service beside it, the look-up is not the process's own. */
function asksOnEveryRequest({ planned, state, queryCount }: Admission): boolean {
  return (
    state === 'measured' &&
    planned.role === 'candidate' &&
    planned.variant.needs.every((need) => need === 'postgres') &&
    queryCount !== undefined &&
    queryCount.counted >= queryCount.requests
  )
}
