import type { BadTraffic, Doubt, DoubtCode, Load } from '../record/slice.ts'

/** What a slice's validity is judged by. Absent: could not be read, and is not judged. */
export interface SliceFacts {
  readonly load: Load
  readonly durationMs: number
  readonly requests: number
  readonly errors: number
  readonly non2xx: number
  readonly wrongBodies: number
  readonly badTraffic?: BadTraffic | undefined
  readonly meanLatencyUs: number
  readonly idleTurnShare: number
  readonly clockStepMs: number
  /** Frequency of the server's cores at the slice's end over what it was at the ends of others. */
  readonly frequencyRatio?: number | undefined
  readonly scheduleLagP99Us?: number | undefined
  readonly unsent?: number | undefined
  readonly appRequests: number
  readonly appRefusals: number
  readonly appCpuUs: number
  /** With that of its companions. */
  readonly databaseCpuUs?: number | undefined
  /** Whether server and database have the same cores. */
  readonly sharedCores?: boolean | undefined
  /** Cores that the app can fill: one for each instance, no more than the servers were given. Absent: one. */
  readonly appCores?: number | undefined
  /** Not saturated on purpose. */
  readonly mayIdle?: boolean
  readonly backendEnded: boolean
  readonly stealUs?: number | undefined
  /** Busy time of server and database cores that neither accounts for, microseconds. */
  readonly foreignUs?: number | undefined
  /** Share of those cores' time in which they had nothing to do, 0..1. */
  readonly idleShare?: number | undefined
  readonly checkpoint: boolean
  readonly autovacuum: boolean
  readonly foreignBackends: number
}

/** A rule that never looks at the cost it protects. */
interface Rule {
  readonly code: DoubtCode
  readonly loads: readonly Load['mode'][]
  /** The reason, where the slice is doubtful. */
  judge(facts: SliceFacts): string | undefined
}

const all: readonly Load['mode'][] = ['saturation', 'fixed-rate', 'unloaded', 'bad-traffic']
const closed: readonly Load['mode'][] = ['saturation', 'unloaded', 'bad-traffic']
const saturating: readonly Load['mode'][] = ['saturation', 'bad-traffic']
const count = (number: number, what: string): string | undefined => (number > 0 ? `${number} ${what}` : undefined)
const percent = (share: number): string => `${(share * 100).toFixed(1)} %`

/** Thresholds with their reasons; docs/method.md, Validity. */
const limits = {
  /** Fewer turns of the awake loop than this found nothing to do: the driver is the limit. */
  idleTurnShare: 0.05,
  /**
   * Less CPU than this of the cores given: something else than the server is the limit, and each request pays for waking
   * up. Of two identical servers in one round the less busy one cost 1.6 to 2.9 % more from 76 to 87 %, some 5 % more
   * around 60 %, nothing beyond noise above (353 pairs of 24 runs). A stricter limit leaves disturbed machines without
   * figures: 87 % did so with two of 21 runs, 75 % with one of the next ten. Where the control stays below 75 %, a
   * warning says so (bench/estimates/warnings.ts).
   */
  saturation: 0.5,
  scheduleLagUs: 1000,
  littlesLaw: 0.05,
  clockStepMs: 10,
  /** CPU time of the same work is that much longer or shorter. */
  frequencyChange: 0.1,
  /** Of the slice's length. /proc/stat counts in ticks of 10 ms, so short slices see steal in steps. */
  stealShare: 0.05,
  /** Kernel work for loopback is charged to whoever runs it; beyond this share somebody else was at work. */
  foreignShare: 0.15,
  /**
   * Cores left idle on purpose for more than this share of the time had room for others. Nobody accounts for what waking
   * them up takes, 0.8 ms per request and 16 % of the window with a database 4 ms away on a virtual machine with slow timers.
   */
  roomForOthers: 0.1,
  fewestResponses: 50,
}

const rules: readonly Rule[] = [
  { code: 'errors', loads: all, judge: ({ errors }) => count(errors, 'connection errors') },
  { code: 'non-2xx', loads: all, judge: ({ non2xx }) => count(non2xx, 'responses other than 2xx') },
  { code: 'wrong-body', loads: all, judge: ({ wrongBodies }) => count(wrongBodies, 'responses with the wrong body') },
  {
    code: 'count-mismatch',
    loads: all,
    judge: ({ requests, appRequests }) =>
      requests === appRequests ? undefined : `driver counted ${requests} responses, server ${appRequests} requests`,
  },
  {
    code: 'false-accept',
    loads: all,
    judge: ({ badTraffic }) =>
      count(
        badTraffic?.falseAccepts ?? 0,
        `of ${badTraffic?.requests} bad credentials were accepted (${badTraffic?.acceptedKinds.join(', ')})`,
      ),
  },
  {
    code: 'false-refusal',
    loads: all,
    judge: ({ badTraffic }) => count(badTraffic?.falseRefusals ?? 0, 'good credentials were not accepted'),
  },
  {
    code: 'wrong-refusal',
    loads: all,
    judge: ({ badTraffic }) =>
      count(badTraffic?.wrongRefusals ?? 0, "bad credentials were answered other than by the application's own 401"),
  },
  {
    // The server's own count: without it an answer that only looks like a refusal would pass.
    code: 'count-mismatch',
    loads: ['bad-traffic'],
    judge: ({ badTraffic, appRefusals }) =>
      badTraffic === undefined || badTraffic.falseAccepts + badTraffic.falseRefusals > 0
        ? undefined
        : badTraffic.requests === appRefusals
          ? undefined
          : `driver sent ${badTraffic.requests} bad credentials, server refused ${appRefusals}`,
  },
  {
    code: 'too-few-responses',
    loads: all,
    judge: ({ requests }) => (requests < limits.fewestResponses ? `only ${requests} responses` : undefined),
  },
  {
    code: 'driver-limited',
    loads: saturating,
    judge: ({ idleTurnShare }) =>
      idleTurnShare < limits.idleTurnShare
        ? `only ${percent(idleTurnShare)} of the driver's loop turns were idle`
        : undefined,
  },
  { code: 'not-saturated', loads: saturating, judge: judgeSaturation },
  {
    code: 'littles-law',
    loads: closed,
    judge: ({ load, requests, durationMs, meanLatencyUs }) => {
      const busy = ((requests / (durationMs * 1000)) * meanLatencyUs) / load.connections - 1
      // At the window's end every connection but the last to be answered is idle, half a response time on average.
      const idleAtTheEnd = load.connections / (2 * Math.max(1, requests))
      return Math.abs(busy + idleAtTheEnd) > limits.littlesLaw
        ? `throughput x mean latency is ${percent(busy)} off the connections`
        : undefined
    },
  },
  {
    code: 'schedule-lag',
    loads: ['fixed-rate'],
    judge: ({ scheduleLagP99Us }) =>
      scheduleLagP99Us !== undefined && scheduleLagP99Us > limits.scheduleLagUs
        ? `requests were sent up to ${Math.round(scheduleLagP99Us)} us late (p99)`
        : undefined,
  },
  { code: 'unsent', loads: ['fixed-rate'], judge: ({ unsent }) => count(unsent ?? 0, 'requests were never sent') },
  {
    code: 'steal',
    loads: all,
    judge: ({ stealUs, durationMs }) => overShare(stealUs, durationMs, limits.stealShare, 'stolen by the hypervisor'),
  },
  {
    code: 'foreign-load',
    loads: saturating,
    // Kernel work grows with the requests, and those with the cores that answer them.
    judge: ({ foreignUs, durationMs, appCores = 1, mayIdle = false, idleShare = 0 }) =>
      mayIdle && idleShare > limits.roomForOthers
        ? undefined
        : overShare(foreignUs, durationMs * appCores, limits.foreignShare, 'used by something else'),
  },
  { code: 'checkpoint', loads: all, judge: ({ checkpoint }) => (checkpoint ? 'a checkpoint ran' : undefined) },
  { code: 'autovacuum', loads: all, judge: ({ autovacuum }) => (autovacuum ? 'autovacuum ran' : undefined) },
  {
    code: 'foreign-backends',
    loads: all,
    judge: ({ foreignBackends }) => count(foreignBackends, 'other Postgres clients were active'),
  },
  {
    code: 'backend-ended',
    loads: all,
    judge: ({ backendEnded }) => (backendEnded ? 'a Postgres backend ended' : undefined),
  },
  {
    code: 'clock-step',
    loads: all,
    judge: ({ clockStepMs }) =>
      Math.abs(clockStepMs) > limits.clockStepMs ? `the clock moved by ${Math.round(clockStepMs)} ms` : undefined,
  },
  {
    code: 'frequency-change',
    loads: all,
    judge: ({ frequencyRatio = 1 }) =>
      Math.abs(frequencyRatio - 1) > limits.frequencyChange
        ? `the cores ran at ${percent(frequencyRatio)} of their usual frequency`
        : undefined,
  },
]

/** Everything that makes a slice doubtful; empty: valid. Pure. */
export const doubtsOf = (facts: SliceFacts): Doubt[] =>
  rules.flatMap(({ code, loads, judge }) => {
    const detail = loads.includes(facts.load.mode) ? judge(facts) : undefined
    return detail === undefined ? [] : [{ code, detail }]
  })

function judgeSaturation(facts: SliceFacts): string | undefined {
  if (facts.sharedCores === undefined || facts.mayIdle === true) return undefined
  const app = facts.appCpuUs / (facts.durationMs * 1000)
  // Unread, it may be what is saturated.
  if (facts.databaseCpuUs === undefined) return undefined
  const database = facts.databaseCpuUs / (facts.durationMs * 1000)
  // On cores of its own either may be the limit; a server is one event loop, so one core is all an instance can fill.
  const { appCores = 1 } = facts
  const used = facts.sharedCores ? app + database : Math.max(app / appCores, database)
  if (used >= limits.saturation) return undefined
  return facts.sharedCores || appCores === 1
    ? `server and database used only ${percent(used)} of a core`
    : `app instances used only ${percent(app / appCores)} of ${appCores} cores, and the database ${percent(database)} of one`
}

const overShare = (us: number | undefined, durationMs: number, limit: number, what: string): string | undefined =>
  us !== undefined && us / (durationMs * 1000) > limit
    ? `${percent(us / (durationMs * 1000))} of the time ${what}`
    : undefined
