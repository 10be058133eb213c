import { z } from 'zod'
import { type BoundedOrAbsent, boundedSchema, boundedOrAbsentSchema as figure } from './bounded.ts'
import { absentSchema } from './slice.ts'
import { tokenTuningSchema } from './token-tuning.ts'

export { type Bounded, boundedSchema } from './bounded.ts'
export type TuningFigure = BoundedOrAbsent

/** Where a figure of the tuning belongs: which strategy, with which pool, at which distance from the database. */
const place = {
  /** Id of the strategy as it was checked, without deployment: `session`. */
  strategy: z.string(),
  poolSize: z.int().positive(),
  connections: z.int().positive(),
  /** Round trip asked for between server and Postgres, microseconds; 0 for none. */
  dbDelayUs: z.number().nonnegative(),
  /** Round trip that was added, at the median, microseconds; absent where none was asked for. */
  addedDelayUs: z.number().nonnegative().optional(),
  /** Rows of the table of sessions; absent where the sweep does not vary them. */
  sessions: z.int().positive().optional(),
  /** App instances, each with a pool of this size; absent where the sweep does not vary them. */
  appInstances: z.int().positive().optional(),
}

/** One cell of the sweep. Intervals are 95 %, unadjusted, over restarts. */
export const poolCellSchema = z.object({
  /** Id of the variant as deployed: `session@pool=2`. */
  variant: z.string(),
  ...place,
  restarts: z.int().nonnegative(),
  /** Valid slices behind it. */
  slices: z.int().nonnegative(),
  requestsPerSecond: figure,
  /** Response time at saturation: queueing, not added latency. Microseconds. */
  saturationLatency: z.object({ p50Us: figure, p95Us: figure, p99Us: figure }),
  /** Waiting for a connection of the pool, per query, microseconds. */
  poolWait: z.object({ meanUs: figure, p50Us: figure, p99Us: figure }),
  /** From handing over the query to its result, microseconds. */
  query: z.object({ meanUs: figure, p50Us: figure, p99Us: figure }),
  appCpuUsPerRequest: figure,
  databaseCpuUsPerRequest: figure,
  /** Requests waiting for a connection and connections in use, as each query found them on arrival. */
  meanWaiting: figure,
  meanBusy: figure,
  /** The most that any query found waiting, over all slices. */
  maxWaiting: z.union([z.int().nonnegative(), absentSchema]),
  /** Waiting requests as Little's law has them (queries per second x mean wait) beside those found on arrival. */
  littlesLaw: z.union([
    z.object({ expectedWaiting: boundedSchema, foundWaiting: boundedSchema, agrees: z.boolean() }),
    absentSchema,
  ]),
})
export type PoolCell = z.infer<typeof poolCellSchema>

/** One pool held against the best, whichever that is; intervals hold for all pools and looks at once. */
export const poolComparisonSchema = z.object({
  poolSize: z.int().positive(),
  /** Throughput over the best: at most 1. */
  throughputRatio: figure,
  /** p95 at saturation over the lowest of the pools with enough throughput: at least 1 for these. */
  p95Ratio: figure,
  shown: z.enum(['non-inferior', 'inferior', 'undecided']),
})

/** What a customary pool size costs against the recommended (else the best) pool. */
export const customaryPoolSchema = z.object({
  rule: z.enum(['node-postgres-default', 'two-per-core-plus-one']),
  poolSize: z.int().positive(),
  /** The pool of the grid that stands for it: itself, or the nearest that was measured. */
  measuredAs: z.int().positive(),
  against: z.int().positive(),
  throughputRatio: figure,
  p95Ratio: figure,
})
export type CustomaryPool = z.infer<typeof customaryPoolSchema>

export const poolAnswerSchema = z.discriminatedUnion('state', [
  z.object({ state: z.literal('settled'), poolSize: z.int().positive() }),
  z.object({
    state: z.literal('unsettled'),
    /** Smallest and largest pool that the answer may be. */
    between: z.tuple([z.int().positive(), z.int().positive()]),
    reason: z.string(),
  }),
  z.object({ state: z.literal('not-measurable'), reason: z.string() }),
])
export type PoolAnswer = z.infer<typeof poolAnswerSchema>

export const instancesSchema = z.object({
  /** `measured`: as the server was set; `default`: as Postgres comes, 100 of which 3 are reserved. */
  server: z.enum(['measured', 'default']),
  poolSize: z.int().positive(),
  fit: z.int().nonnegative(),
  maxConnections: z.int().positive(),
  reservedConnections: z.int().nonnegative(),
})
export type Instances = z.infer<typeof instancesSchema>

/** Which pool, for one concurrency at one distance. */
export const poolRecommendationSchema = z.object({
  strategy: place.strategy,
  connections: place.connections,
  dbDelayUs: place.dbDelayUs,
  addedDelayUs: place.addedDelayUs,
  sessions: place.sessions,
  appInstances: place.appInstances,
  answer: poolAnswerSchema,
  /** Highest throughput of those not shown too poor, by ratios within rounds; absent where nothing could be compared. */
  best: z.int().positive().optional(),
  /** Ascending by pool size. */
  pools: z.array(poolComparisonSchema),
  restarts: z.int().nonnegative(),
  /** Over all pools and looks at once, 0..1. */
  confidence: z.number().min(0).max(1),
  customary: z.array(customaryPoolSchema),
  /** How many app instances with the recommended pool (else the largest it may be) fit under `max_connections`. */
  instances: z.array(instancesSchema),
})
export type PoolRecommendation = z.infer<typeof poolRecommendationSchema>

/** Universal Scalability Law of one pool at one distance: X(N) = gamma N / (1 + sigma (N-1) + kappa N (N-1)). */
export const scalabilitySchema = z.object({
  strategy: place.strategy,
  poolSize: place.poolSize,
  dbDelayUs: place.dbDelayUs,
  addedDelayUs: place.addedDelayUs,
  sessions: place.sessions,
  appInstances: place.appInstances,
  points: z.array(z.object({ connections: z.int().positive(), requestsPerSecond: boundedSchema })),
  fit: z.discriminatedUnion('state', [
    z.object({
      state: z.literal('fitted'),
      /** Requests per second of one connection. */
      gamma: boundedSchema,
      /** Contention, 0..1. */
      sigma: boundedSchema,
      /** Coherency. */
      kappa: boundedSchema,
      /** Connections at which throughput is highest; absent where no peak is shown. */
      peakConnections: figure,
      /** Largest distance of a point from the curve, as a share of the point. */
      worstResidual: z.number().nonnegative(),
      rSquared: z.number(),
    }),
    z.object({ state: z.literal('refused'), reason: z.string() }),
  ]),
})
export type Scalability = z.infer<typeof scalabilitySchema>

/** What a lookup costs against verifying a token, measured in the same run. */
export const breakEvenSchema = z.object({
  ...place,
  /** Id of the token variant. */
  token: z.string(),
  /** App and database CPU per request, lookup minus token, microseconds. */
  cpuUs: figure,
  /** Median response time at saturation, lookup minus token, microseconds. */
  latencyUs: figure,
  shown: z.enum(['dearer', 'cheaper', 'no-difference-shown', 'not-measured']),
})
export type BreakEven = z.infer<typeof breakEvenSchema>

/** Where the cost of a lookup, as a line over the distance, meets that of a token. */
export const crossingSchema = z.object({
  strategy: place.strategy,
  poolSize: place.poolSize,
  connections: place.connections,
  sessions: place.sessions,
  appInstances: place.appInstances,
  token: z.string(),
  /** `cpu`: app and database CPU per request; `latency`: median response time at saturation. */
  of: z.enum(['cpu', 'latency']),
  crossing: z.discriminatedUnion('state', [
    /** Round trip added, as obtained. */
    z.object({ state: z.literal('crosses'), dbDelayUs: boundedSchema }),
    /** Shown to lie on one side everywhere. */
    z.object({ state: z.literal('none'), reason: z.string() }),
    z.object({ state: z.literal('not-shown'), reason: z.string() }),
  ]),
})
export type Crossing = z.infer<typeof crossingSchema>

/** What a larger table costs a lookup, with the same pool, at the same distance and concurrency. */
export const tableSizeSchema = z.object({
  strategy: place.strategy,
  poolSize: place.poolSize,
  connections: place.connections,
  dbDelayUs: place.dbDelayUs,
  addedDelayUs: place.addedDelayUs,
  /** Rows of the larger table, and of the smallest of the sweep, which it is held against. */
  sessions: z.int().positive(),
  against: z.int().positive(),
  appInstances: place.appInstances,
  /** App and database CPU per request, larger minus smallest, microseconds. */
  cpuUs: figure,
  /** Throughput, larger over smallest. */
  throughputRatio: figure,
  /** p95 at saturation, larger over smallest. */
  p95Ratio: figure,
})
export type TableSize = z.infer<typeof tableSizeSchema>

/** What more app instances bring, each with the same pool, at the same distance and concurrency. */
export const instanceCountSchema = z.object({
  strategy: place.strategy,
  poolSize: place.poolSize,
  connections: place.connections,
  dbDelayUs: place.dbDelayUs,
  addedDelayUs: place.addedDelayUs,
  sessions: place.sessions,
  /** How many, and the fewest of the sweep, which they are held against. */
  appInstances: z.int().positive(),
  against: z.int().positive(),
  /** Of both, together. */
  requestsPerSecond: figure,
  againstRequestsPerSecond: figure,
  /** Throughput, more over fewest. */
  throughputRatio: figure,
  /** p95 at saturation, more over fewest. */
  p95Ratio: figure,
  /** App and database CPU per request, more minus fewest, microseconds. */
  cpuUs: figure,
})
export type InstanceCount = z.infer<typeof instanceCountSchema>

/** What `tune pool` answers. Every figure derives from the slices (docs/method.md, Tuning). */
export const poolTuningSchema = z.object({
  cells: z.array(poolCellSchema),
  recommendations: z.array(poolRecommendationSchema),
  scalability: z.array(scalabilitySchema),
  breakEven: z.array(breakEvenSchema),
  crossings: z.array(crossingSchema),
  /** Absent where the sweep does not vary them. */
  tableSizes: z.array(tableSizeSchema).optional(),
  /** Absent where the sweep does not vary them. */
  instanceCounts: z.array(instanceCountSchema).optional(),
  /** Cores that server and database had; the answers hold for these. */
  cores: z.union([
    z.object({
      servers: z.int().positive(),
      database: z.int().positive(),
      /** The server's cores are the database's as well. */
      shared: z.boolean(),
    }),
    absentSchema,
  ]),
  /** What this machine cannot answer, a sentence each. */
  notMeasurable: z.array(z.string()),
  /** The answers in words, most important first. */
  sentences: z.array(z.string()),
})
export type PoolTuning = z.infer<typeof poolTuningSchema>

/** What the `tune` commands answer. */
export const tuningSchema = z.object({ pool: poolTuningSchema.optional(), token: tokenTuningSchema.optional() })
export type Tuning = z.infer<typeof tuningSchema>
