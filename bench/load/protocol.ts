import { z } from 'zod'
import { durationCountsSchema } from '../../servers/contract/counters.ts'
import { badKindSchema, badTrafficSchema } from '../record/slice.ts'

/** A histogram on its way from the driver: log-linear counts and the exact mean. */
export const durationsSchema = z.object({ counts: durationCountsSchema, meanNs: z.number().nonnegative() })

/** What one loaded window gave. */
export const loadResultSchema = z.object({
  startedAt: z.string(),
  /** From the first request sent to the last response received, milliseconds. */
  durationMs: z.number().positive(),
  requests: z.int().nonnegative(),
  errors: z.int().nonnegative(),
  non2xx: z.int().nonnegative(),
  wrongBodies: z.int().nonnegative(),
  /** Only where requests were sent that have to be refused. */
  badTraffic: badTrafficSchema.optional(),
  latency: durationsSchema,
  scheduleLag: durationsSchema.optional(),
  waitedForConnection: z.int().nonnegative().optional(),
  unsent: z.int().nonnegative().optional(),
  driverCpuUs: z.number().nonnegative(),
  idleTurnShare: z.number().min(0).max(1),
  bytesSent: z.number().nonnegative(),
  bytesReceived: z.number().nonnegative(),
  /** What the wall clock moved beyond the monotonic one, milliseconds: a clock step when not near 0. */
  clockStepMs: z.number(),
})
export type LoadResult = z.infer<typeof loadResultSchema>

/** What a sequence of calls gave. */
export const callsResultSchema = z.object({
  startedAt: z.string(),
  /** From the first request sent to the last response received, milliseconds. */
  durationMs: z.number().positive(),
  /** Answers other than 2xx. */
  failures: z.int().nonnegative(),
  latency: durationsSchema,
  /** In the order of sending; empty unless they were to be kept. Cookies: the values of `set-cookie`. */
  answers: z.array(z.object({ status: z.int(), cookies: z.array(z.string()), body: z.string() })),
})
export type CallsResult = z.infer<typeof callsResultSchema>

export const toDriverSchema = z.discriminatedUnion('type', [
  /** Bodies expected for users 1..n, and how their popularity falls: once a run. */
  z.object({
    type: z.literal('population'),
    requestId: z.int(),
    expectedBodies: z.array(z.string()),
    zipfExponent: z.number().nonnegative(),
    seed: z.int().nonnegative(),
  }),
  /** Request headers of users 1..n for one variant: once a run. */
  z.object({
    type: z.literal('credentials'),
    requestId: z.int(),
    variant: z.string(),
    requestHeaders: z.array(z.record(z.string(), z.string())),
  }),
  /** Request headers that have to be refused, for one variant: once a restart. */
  z.object({
    type: z.literal('bad-credentials'),
    requestId: z.int(),
    variant: z.string(),
    credentials: z.array(z.object({ kind: badKindSchema, requestHeaders: z.record(z.string(), z.string()) })),
  }),
  /**
   * Request headers of users 1..n, `generations` of them: clients that come with a new credential go through these in turn.
   * `lapsed`: what a client sends once whenever its time is over, before it goes on with the next generation.
   */
  z.object({
    type: z.literal('renewals'),
    requestId: z.int(),
    variant: z.string(),
    generations: z.array(z.array(z.record(z.string(), z.string()))).min(1),
    lapsed: z.array(z.record(z.string(), z.string())).optional(),
  }),
  /** The open loop against the driver's own sockets, so that its code is compiled before anything is measured. */
  z.object({ type: z.literal('rehearse'), requestId: z.int() }),
  /** Connects to a server. Answers when every connection has had its first answers and nothing is in flight. */
  z.object({
    type: z.literal('open'),
    requestId: z.int(),
    target: z.string(),
    variant: z.string(),
    /** One for each app instance: connections are dealt to them in turn. */
    urls: z.array(z.string()).min(1),
    connections: z.int().positive(),
    /** Names the walks: connections of one restart draw other users than those of the next. */
    walk: z.string(),
    /** `autocannon` and `raw` run closed loops. */
    driver: z.enum(['autocannon', 'raw', 'open-loop']),
    /** Share of requests that have to be refused, drawn from the variant's bad credentials; absent: none. */
    badShare: z.number().positive().max(1).optional(),
    /** Of these only one kind; absent: all in equal parts. */
    badKind: badKindSchema.optional(),
    /** Clients come with their next credential when theirs has been in use for so long, milliseconds; open loop only. */
    renewEveryMs: z.number().positive().optional(),
  }),
  /** Unmeasured closed loop over several targets at once, until each has had so many responses per app instance. Sleeps between. */
  z.object({
    type: z.literal('warm-up'),
    requestId: z.int(),
    targets: z.array(z.string()),
    responses: z.int().positive(),
    maxDurationMs: z.number().positive(),
  }),
  /** Closed loop: every connection sends its next request when the last is answered. */
  z.object({
    type: z.literal('closed-loop'),
    requestId: z.int(),
    target: z.string(),
    /** How many of the target's connections take part; absent: all. */
    connections: z.int().positive().optional(),
    durationMs: z.number().positive(),
    /** Go on until so many responses have come, up to `maxDurationMs`. */
    minResponses: z.int().nonnegative(),
    maxDurationMs: z.number().positive(),
  }),
  /** Open loop: requests sent when due, whether or not earlier answers came. */
  z.object({
    type: z.literal('open-loop'),
    requestId: z.int(),
    target: z.string(),
    requestsPerSecond: z.number().positive(),
    durationMs: z.number().positive(),
    arrivals: z.enum(['poisson', 'uniform']),
    seed: z.int().nonnegative(),
    /** This share of the requests, drawn, is what clients send once theirs has lapsed; absent: by their time. */
    lapsedShare: z.number().min(0).max(1).optional(),
  }),
  /** Turns the event loop without any load, as it does while a window is open, until told to stop. */
  z.object({ type: z.literal('keep-awake'), requestId: z.int(), on: z.boolean() }),
  /** One connection for calls that are given one by one (login, refresh, logout). */
  z.object({ type: z.literal('open-calls'), requestId: z.int(), target: z.string(), url: z.string() }),
  /** Sends requests one after the other, each when the last is answered. */
  z.object({
    type: z.literal('calls'),
    requestId: z.int(),
    target: z.string(),
    /** Whole requests as they go over the wire, latin1. */
    requests: z.array(z.string()),
    /** Indexes into `requests`, in the order of sending. */
    order: z.array(z.int().nonnegative()).min(1),
    /** Whether the answers themselves are wanted, and not only their number. */
    keepAnswers: z.boolean(),
  }),
  z.object({ type: z.literal('close'), requestId: z.int(), target: z.string() }),
])
export type ToDriver = z.infer<typeof toDriverSchema>

export const fromDriverSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('done'), requestId: z.int() }),
  z.object({ type: z.literal('load'), requestId: z.int(), result: loadResultSchema, rssBytes: z.int().nonnegative() }),
  z.object({ type: z.literal('called'), requestId: z.int(), result: callsResultSchema }),
  z.object({ type: z.literal('failed'), requestId: z.int(), code: z.string(), message: z.string() }),
])
export type FromDriver = z.infer<typeof fromDriverSchema>
