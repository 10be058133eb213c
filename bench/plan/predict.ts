import { distinctLayouts } from '../../servers/contract/session-layout.ts'
import { type IsActive, roundsOf, serversOf } from './order.ts'
import {
  drawnMs,
  periodicLoad,
  periodicMeasurement,
  periodicMs,
  periodicSliceMs,
  renewals,
  shortenedRestarts,
} from './periodic.ts'
import { furtherTableSizes, lifecycleRestarts, lifecycleVariants, type Plan, plannedVariants } from './plan.ts'
import type { PlannedLoad } from './planned-load.ts'
import type { PlannedVariant } from './planned-variant.ts'
import { expectedRate } from './rate.ts'
import { fixedRateSliceMs, mostRequestsPerSecond, sliceMsFor, unloadedResponses } from './slice-length.ts'

/**
 * What each step took on two cores with Node 20 (docs/method.md): the prediction is made of these, and replaced by the
 * run's own times from the first restart on.
 */
const predicted = {
  /** Postgres, seeding, keys and credentials, gate, the wait for a logged-out token to be refused. */
  setUpS: 7.5,
  /**
   * A million more sessions in a table, with their share of vacuum, checkpoint and prewarming. `npm run bench:self -- seed`
   * took 1.1 s for 100,000 and 7.3 s for a million (embedded Postgres, two cores shared with others).
   */
  millionSessionsS: 7,
  /** Starting all servers of a set in parallel, and stopping them. */
  startS: 1.5,
  /** Warming up all servers together. */
  warmUpTogetherS: 2.5,
  /** Then each in turns until it is steady. */
  warmUpPerServerS: 0.55,
  /** Reading counters around each slice. */
  betweenSlicesS: 0.02,
  idleBeforeProductionS: 15,
  /** Signing one token and handing it over: HS256 takes a tenth of it, RS256 twice as much. */
  signingS: 0.0003,
  /** Two password hashes, and three rounds of the cheaper calls of one variant. */
  lifecycleS: 2.3,
  /** A look-up on the shared core and apart: a process of its own, and twenty short turns. */
  coreSharingS: 10,
}

/** Sessions of one table as a run has it by default: filling them is part of `setUpS`. */
const usualSessions = 100_000

/** Seconds a run of this plan will take, start-up included. */
export function predictSeconds(plan: Plan): number {
  const restarts = predictRestarts(plan).reduce((sum, seconds) => sum + seconds, 0)
  return predicted.setUpS + seedingSeconds(plan) + signingSeconds(plan) + coreSharingSeconds(plan) + restarts
}

/**
 * Seconds of each restart: sign-ins and shortened clocks are measured in the first ones only.
 *
 * @param isActive whether a variant is still measured under a load. Absent: all are.
 */
export function predictRestarts(plan: Plan, isActive?: IsActive): readonly number[] {
  const sets = plan.sets.reduce((sum, _, set) => sum + secondsOfSet(plan, set, isActive), 0)
  const production = plan.productionFlags ? sets + plan.sets.length * predicted.idleBeforeProductionS : 0
  return Array.from({ length: plan.restarts }, (_, restart) => {
    const periods = plan.sets.flat().reduce((sum, planned) => sum + periodicSeconds(plan, planned, restart), 0)
    const signIns = restart < lifecycleRestarts(plan) ? lifecycleVariants(plan).length * predicted.lifecycleS : 0
    return sets + production + periods + signIns
  })
}

/** Whether cores are shared is not known before the run: machines with more are done sooner. */
const coreSharingSeconds = (plan: Plan): number =>
  plan.coreSharing && plannedVariants(plan).some(({ variant }) => variant.needs.includes('postgres'))
    ? predicted.coreSharingS
    : 0

/** Every size of table is filled once, for each layout of sessions that some variant needs. */
function seedingSeconds(plan: Plan): number {
  const layouts = distinctLayouts(plannedVariants(plan).map(({ variant }) => variant.sessionLayout))
  const tables = layouts.filter(({ store }) => store === 'postgres').length
  const rows = [plan.sessions, ...furtherTableSizes(plan)].reduce((sum, sessions) => sum + tables * sessions, 0)
  return (Math.max(0, rows - usualSessions) / 1e6) * predicted.millionSessionsS
}

function secondsOfSet(plan: Plan, set: number, isActive: IsActive | undefined): number {
  const slices = roundsOf(plan, set, 0, isActive).reduce(
    (sum, { load, order }) =>
      sum +
      order.reduce((seconds, planned) => seconds + predicted.betweenSlicesS + sliceSeconds(plan, load, planned), 0),
    0,
  )
  const servers = serversOf(plan, set, 0).length
  return predicted.startS + predicted.warmUpTogetherS + servers * predicted.warmUpPerServerS + slices
}

/** A low rate, or a closed loop behind a small pool and a distant database, takes longer for the responses it needs. */
function sliceSeconds(plan: Plan, load: PlannedLoad, { deployment }: PlannedVariant): number {
  if (load.mode === 'fixed-rate') return fixedRateSliceMs(load.sliceMs, expectedRate(plan, load.rate)) / 1000
  const [responses, connections] =
    load.mode === 'unloaded' ? [unloadedResponses, 1] : [load.leastResponses, load.connections]
  return sliceMsFor(load.sliceMs, responses, mostRequestsPerSecond(plan, connections, deployment)) / 1000
}

/** In one restart; where a clock is shortened with the start of a server of its own. */
function periodicSeconds(plan: Plan, planned: PlannedVariant, restart: number): number {
  const measurement = periodicMeasurement(planned)
  if (periodicLoad(plan) === undefined || measurement === undefined) return 0
  const lengthMs = measurement.way === 'lapsed-cookie' ? drawnMs : periodicMs
  const seconds = lengthMs(measurement.measuredEveryMs, periodicSliceMs(plan)) / 1000
  if (measurement.way !== 'shortened-clock') return seconds
  const { startS, warmUpTogetherS, warmUpPerServerS } = predicted
  return restart < shortenedRestarts(plan) ? startS + warmUpTogetherS + warmUpPerServerS + seconds : 0
}

/** Credentials for clients that come with a new one after a while. */
function signingSeconds(plan: Plan): number {
  if (periodicLoad(plan) === undefined) return 0
  return plan.sets.flat().reduce((sum, planned) => {
    const measurement = periodicMeasurement(planned)
    if (measurement?.way !== 'new-credentials') return sum
    const { users, generations } = renewals(plan, measurement)
    return sum + users * generations * predicted.signingS
  }, 0)
}
