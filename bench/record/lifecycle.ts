import { z } from 'zod'
import { absentSchema, histogramSchema, processCountersSchema } from './slice.ts'
import { boundedSchema } from './tuning.ts'

/**
 * What a client does over the life of a sign-in. `sign-in`: a login of a user whose stored hash costs nothing, so that
 * what is left is a login without its password hash. `cycle`: so many requests with one access token, then a refresh.
 */
export const lifecycleCalls = ['register', 'login', 'sign-in', 'request', 'refresh', 'logout', 'cycle'] as const
export const lifecycleCallSchema = z.enum(lifecycleCalls)
export type LifecycleCall = z.infer<typeof lifecycleCallSchema>

/** What is counted of each call: CPU of the server, of its database, of both with all companions; response time. */
export const lifecycleMetrics = ['appCpuUs', 'databaseCpuUs', 'totalCpuUs', 'latencyUs'] as const
const metricSchema = z.enum(lifecycleMetrics)
export type LifecycleMetric = z.infer<typeof metricSchema>

/** Calls of one kind, one after the other on one connection, with the counters read before and after. */
export const lifecycleBatchSchema = z.object({
  variant: z.string(),
  set: z.int().nonnegative(),
  restart: z.int().nonnegative(),
  round: z.int().nonnegative(),
  call: lifecycleCallSchema,
  /** Requests that each access token is used for; cycles only. */
  requestsPerToken: z.int().positive().optional(),
  /** What figures per call are divided by. Of cycles: the requests, without the refreshes. */
  calls: z.int().positive(),
  /** Answers other than 2xx. */
  failures: z.int().nonnegative(),
  startedAt: z.iso.datetime(),
  durationMs: z.number().positive(),
  /** Response times; of cycles those of requests and refreshes together. */
  latency: histogramSchema,
  app: z.object({ cpuUs: z.number(), queries: z.int().nonnegative() }),
  database: z.union([z.object({ cpuUs: z.number().nonnegative() }), absentSchema]),
  /** Other processes that calls pass through; absent where there are none. */
  processes: z.array(processCountersSchema).optional(),
  /** Empty: valid. A batch with any is left out of figures. */
  doubts: z.array(z.enum(['failed-calls', 'checkpoint', 'autovacuum', 'backend-ended'])),
})
export type LifecycleBatch = z.infer<typeof lifecycleBatchSchema>

const figureSchema = z.union([boundedSchema, absentSchema])
export type LifecycleFigure = z.infer<typeof figureSchema>

export const lifecycleSchema = z.object({
  batches: z.array(lifecycleBatchSchema),
  /** Cost of each call, microseconds, with 95 % intervals over restarts. */
  calls: z.array(
    z.object({
      variant: z.string(),
      call: lifecycleCallSchema,
      requestsPerToken: z.int().positive().optional(),
      metric: metricSchema,
      figure: figureSchema,
      restarts: z.int().nonnegative(),
    }),
  ),
  /** `login` minus `sign-in`, all variants together: the hash is the same for every strategy. */
  passwordHash: z.array(z.object({ metric: metricSchema, figure: figureSchema })),
  /** Cost of a request, its share of the refresh included: measured, and by the formula. */
  amortised: z.array(
    z.object({
      variant: z.string(),
      requestsPerToken: z.int().positive(),
      metric: metricSchema,
      measured: figureSchema,
      /** cost(request) + cost(refresh) / requestsPerToken, of calls measured apart. */
      formula: figureSchema,
      /** Measured minus formula, paired within restarts. */
      difference: figureSchema,
      /** Whether the interval of the difference holds 0; absent where there is none. */
      agrees: z.boolean().optional(),
    }),
  ),
})
export type Lifecycle = z.infer<typeof lifecycleSchema>
