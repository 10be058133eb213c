import { z } from 'zod'

/** Sparse log-linear bucket counts (see duration-recorder.ts). */
export const durationCountsSchema = z.object({
  subBucketBits: z.int().min(1).max(12),
  buckets: z.array(z.int().nonnegative()),
  counts: z.array(z.number().nonnegative()),
})

/**
 * Cumulative counters of one server process since it started, read over IPC while nothing is in flight.
 * A slice is the difference of two of these.
 */
export const counterSnapshotSchema = z.object({
  /** `process.hrtime()` of the server, nanoseconds as a float. */
  monotonicNs: z.number(),
  /** `process.cpuUsage()`, all threads, microseconds. */
  cpuUserUs: z.number().nonnegative(),
  cpuSystemUs: z.number().nonnegative(),
  /**
   * CPU that earlier `snapshot` calls themselves took, from the arrival of the message to the reply being sent,
   * microseconds: the harness subtracts it.
   */
  readingCpuUs: z.number().nonnegative(),
  /** `performance.eventLoopUtilization()`, milliseconds. */
  eventLoopActiveMs: z.number().nonnegative(),
  eventLoopIdleMs: z.number().nonnegative(),
  /** Requests answered on `/me` (all statuses), and those of them refused (401, 503). */
  requests: z.int().nonnegative(),
  refusals: z.int().nonnegative(),
  /** Requests that have begun and not ended, this moment. */
  inFlight: z.int().nonnegative(),
  /** Queries sent through the counted pool. */
  queries: z.int().nonnegative(),
  /** Pool this moment. All absent where the pool was never opened. */
  pool: z
    .object({
      total: z.int(),
      idle: z.int(),
      waiting: z.int(),
      /** Times a connection was asked for; sums of what was seen then: requests waiting, connections in use. */
      arrivals: z.int().nonnegative(),
      waitingSeen: z.number().nonnegative(),
      busySeen: z.number().nonnegative(),
      /** Most seen waiting since the snapshot before this one. */
      mostWaiting: z.int().nonnegative(),
    })
    .optional(),
  rssBytes: z.int().nonnegative(),
  heapUsedBytes: z.int().nonnegative(),
  gcCount: z.int().nonnegative(),
  gcDurationMs: z.number().nonnegative(),
  /** Bytes read from and written to HTTP sockets. */
  bytesRead: z.number().nonnegative(),
  bytesWritten: z.number().nonnegative(),
  steps: z.object({
    /** From the first hook to the handler. */
    auth: durationCountsSchema,
    /** Waiting for a connection of the pool. */
    poolWait: durationCountsSchema,
    /** From handing the query to the connection to its result. */
    query: durationCountsSchema,
  }),
  /** Counters of the strategy's own, for example cacheHits. */
  strategy: z.record(z.string(), z.number()),
})

export type CounterSnapshot = z.infer<typeof counterSnapshotSchema>
