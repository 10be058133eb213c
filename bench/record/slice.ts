import { z } from 'zod'

/** A figure that may be missing: absent is absent, with its reason, never 0. */
export const absentSchema = z.object({ absent: z.string().describe('why the figure is missing') })
export type Absent = z.infer<typeof absentSchema>

/** An HDR histogram in the standard compressed V2 encoding (base64), values in nanoseconds. */
export const histogramSchema = z
  .object({
    unit: z.literal('ns'),
    encoding: z.literal('hdr-v2-base64'),
    significantDigits: z.int().min(1).max(5),
    count: z.int().nonnegative(),
    /** Mean of the values as recorded, before bucketing, nanoseconds. */
    meanNs: z.number().nonnegative(),
    data: z.string(),
  })
  .describe('HdrHistogram, V2 compressed, base64; values are nanoseconds')
export type RecordedHistogram = z.infer<typeof histogramSchema>

/** What a request may carry that has to be refused. `malformed` stands in where there is nothing to forge. */
export const badKindSchema = z.enum(['absent', 'malformed', 'forged', 'expired', 'revoked'])
export type BadKind = z.infer<typeof badKindSchema>

/** How a slice was loaded. Part of every figure: the mode changes the absolute cost and even the ranking. */
export const loadSchema = z.discriminatedUnion('mode', [
  z.object({ mode: z.literal('saturation'), connections: z.int().positive() }),
  z.object({
    mode: z.literal('fixed-rate'),
    connections: z.int().positive(),
    requestsPerSecond: z.number().positive(),
    arrivals: z.enum(['poisson', 'uniform']),
  }),
  z.object({ mode: z.literal('unloaded'), connections: z.literal(1) }),
  /** Like saturation, with this share of requests that have to be refused; 1: nothing else. */
  z.object({
    mode: z.literal('bad-traffic'),
    connections: z.int().positive(),
    badShare: z.number().positive().max(1),
    /** Nothing but this kind; absent: all that the variant has to refuse, in equal parts. */
    kind: badKindSchema.optional(),
  }),
])
export type Load = z.infer<typeof loadSchema>
export type LoadMode = Load['mode']

/** Two slices are comparable only where this is equal: `saturation/10`, `fixed-rate/2000`, `unloaded`, `bad-traffic/10/0.1`, `bad-traffic/10/1/expired`. */
export function loadKey(load: Load): string {
  switch (load.mode) {
    case 'saturation':
      return `saturation/${load.connections}`
    case 'fixed-rate':
      return `fixed-rate/${load.requestsPerSecond}`
    case 'unloaded':
      return 'unloaded'
    case 'bad-traffic':
      return `bad-traffic/${load.connections}/${load.badShare}${load.kind === undefined ? '' : `/${load.kind}`}`
  }
}

/** Why a slice may not mean what it says. Kept with the slice; a slice with any is left out of estimates. */
export const doubtCodes = [
  'errors',
  'non-2xx',
  'wrong-body',
  'false-accept',
  'false-refusal',
  'wrong-refusal',
  'count-mismatch',
  'driver-limited',
  'not-saturated',
  'schedule-lag',
  'unsent',
  'steal',
  'foreign-load',
  'littles-law',
  'checkpoint',
  'autovacuum',
  'foreign-backends',
  'backend-ended',
  'clock-step',
  'frequency-change',
  'too-few-responses',
] as const
export const doubtSchema = z.object({ code: z.enum(doubtCodes), detail: z.string() })
export type Doubt = z.infer<typeof doubtSchema>
export type DoubtCode = Doubt['code']

/** What one process used during the slice. `role`: of a process, not of a variant. */
export const processCountersSchema = z.object({
  role: z.enum(['app', 'database', 'cache', 'issuer', 'delay-proxy']),
  /** CPU of all threads (app) or of the backends that served this variant (database), microseconds. */
  cpuUs: z.union([z.number().nonnegative(), absentSchema]),
})
export type ProcessCounters = z.infer<typeof processCountersSchema>

/** How requests were answered that have to be refused, and the good ones among them. */
export const badTrafficSchema = z.object({
  /** Requests with a bad credential that were answered. */
  requests: z.int().nonnegative(),
  /** Of them: answered 2xx. */
  falseAccepts: z.int().nonnegative(),
  /** What those carried. */
  acceptedKinds: z.array(badKindSchema),
  /** Of them: neither accepted nor refused as they should be (401 with a problem body). */
  wrongRefusals: z.int().nonnegative(),
  /** Good credentials in the same window that were answered other than 2xx. */
  falseRefusals: z.int().nonnegative(),
})
export type BadTraffic = z.infer<typeof badTrafficSchema>

/** How fast the servers' cores were: CPU time that a fixed piece of work took there, beside the server, in a process of its own. */
export const coreSpeedSchema = z.object({
  /** Mean of the cheapest four fifths of the samples, microseconds. */
  workUs: z.number().positive(),
  /** 10th percentile of the samples, microseconds: what it takes while no neighbour is at work. */
  fastestWorkUs: z.number().positive(),
  samples: z.int().positive(),
  /** What the probe itself used of those cores, microseconds. */
  probeCpuUs: z.number().nonnegative(),
  /** Whether Postgres and the other processes of the run stood on the same cores. */
  sharedCores: z.boolean(),
})
export type CoreSpeed = z.infer<typeof coreSpeedSchema>

export const sliceSchema = z.object({
  /** 0-based. A set is a group of at most 8 variants with a control and a twin of its own. */
  set: z.int().nonnegative(),
  restart: z.int().nonnegative(),
  round: z.int().nonnegative(),
  /** Of a round added because planned ones had doubtful slices; absent in planned rounds. */
  further: z.literal(true).optional(),
  /** Position within the round. */
  position: z.int().nonnegative(),
  /** Variant id, or `none#twin` for the twin of the control. */
  variant: z.string(),
  role: z.enum(['control', 'twin', 'candidate']),
  /** `production`: started with production's own Node flags and left idle first. */
  group: z.enum(['default', 'production']),
  load: loadSchema,
  startedAt: z.iso.datetime(),
  /** Length of the measured window: from the first request sent to the last response received, milliseconds. */
  durationMs: z.number().positive(),
  /** Responses received in the window. In fixed-rate slices: to requests whose intended start lies in it. */
  requests: z.int().nonnegative(),
  errors: z.int().nonnegative(),
  /** Responses other than 2xx to good credentials. */
  non2xx: z.int().nonnegative(),
  wrongBodies: z.int().nonnegative(),
  /** Only where requests were sent that have to be refused. */
  badTraffic: badTrafficSchema.optional(),
  /** Response time. Closed loop: from send. Fixed rate: from the intended start. To the last byte. */
  latency: histogramSchema,
  /** Fixed rate only: how late the driver sent a request that was due and had a free connection. */
  scheduleLag: histogramSchema.optional(),
  /** Fixed rate only: requests that were due while all connections were busy; absent in files of before they were counted, whose lag contains their wait. */
  waitedForConnection: z.int().nonnegative().optional(),
  /** Fixed rate only: requests due that were never sent. */
  unsent: z.int().nonnegative().optional(),
  driver: z.object({
    cpuUs: z.number().nonnegative(),
    /** Share of the awake driver's loop turns that found nothing to do, 0..1. */
    idleTurnShare: z.number().min(0).max(1),
    bytesSent: z.number().nonnegative(),
    bytesReceived: z.number().nonnegative(),
  }),
  /** The server process. Differences over the window, read with nothing in flight. */
  app: z.object({
    /** Requests the server itself counted; equal to `requests` in a valid slice. */
    requests: z.int().nonnegative(),
    refusals: z.int().nonnegative(),
    elapsedMs: z.number().positive(),
    cpuUs: z.number().nonnegative(),
    eventLoopActiveUs: z.number().nonnegative(),
    queries: z.int().nonnegative(),
    /** The pool as each query found it on arrival; absent where none was asked for a connection. */
    pool: z
      .object({
        /** Requests already waiting for a connection: mean and most. */
        meanWaiting: z.number().nonnegative(),
        maxWaiting: z.int().nonnegative(),
        /** Connections in use: mean. */
        meanBusy: z.number().nonnegative(),
      })
      .optional(),
    rssBytes: z.int().nonnegative(),
    heapUsedBytes: z.int().nonnegative(),
    gcCount: z.int().nonnegative(),
    gcDurationUs: z.number().nonnegative(),
    bytesRead: z.number().nonnegative(),
    bytesWritten: z.number().nonnegative(),
    steps: z.object({
      auth: histogramSchema.optional(),
      poolWait: histogramSchema.optional(),
      query: histogramSchema.optional(),
    }),
    /** Counters of the strategy's own. */
    strategy: z.record(z.string(), z.number()),
  }),
  database: z.union([
    z.object({
      /** CPU of the backends of this server's pool, microseconds. */
      cpuUs: z.number().nonnegative(),
      backends: z.int().nonnegative(),
      /** CPU of WAL writer, checkpointer, autovacuum and the like, microseconds. */
      helpersCpuUs: z.union([z.number().nonnegative(), absentSchema]),
    }),
    absentSchema,
  ]),
  /** Processes besides these that a request passed through; absent where there were none. */
  processes: z.array(processCountersSchema).optional(),
  machine: z.union([
    z.object({
      /** Busy time of the cores given to server and database, microseconds (`/proc/stat`, 10 ms ticks). */
      serverCoresBusyUs: z.number().nonnegative(),
      serverCores: z.int().positive(),
      stealUs: z.number().nonnegative(),
    }),
    absentSchema,
  ]),
  /** Not there in files of before it was read. */
  coreSpeed: z.union([coreSpeedSchema, absentSchema]).optional(),
  doubts: z.array(doubtSchema),
})
export type Slice = z.infer<typeof sliceSchema>

/** A set has processes of its own in every restart. */
export const restartKey = ({ set, restart }: Pick<Slice, 'set' | 'restart'>): string => `${set}/${restart}`

/** A slice counts in estimates when nothing makes it doubtful. Never looks at the result. */
export const isValid = (slice: Slice): boolean => slice.doubts.length === 0

/** CPU of the servers' cores that the speed probe took: ours, though no request's, microseconds. */
export const probeCpuUs = ({ coreSpeed }: Pick<Slice, 'coreSpeed'>): number =>
  coreSpeed === undefined || 'absent' in coreSpeed ? 0 : coreSpeed.probeCpuUs
