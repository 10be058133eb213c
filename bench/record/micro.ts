import { z } from 'zod'
import { coreSpeedSchema } from './slice.ts'

/** What is timed: a part of the authentication step, the whole step, making a credential, or nothing but the loop. */
export const microKindSchema = z.enum(['part', 'step', 'issue', 'empty'])
export type MicroKind = z.infer<typeof microKindSchema>

/** One task of one variant: a function of the strategy's, called for many users' requests. */
export const microTaskSchema = z.object({
  variant: z.string(),
  /** `parse`, `hash`, `look up`, `verify`, `check claims`, ...; `step` for all of them together. */
  task: z.string(),
  kind: microKindSchema,
  /** Whether it answers with a promise. */
  async: z.boolean(),
  /** Calls under way at a time: 1, and for promises the number of connections under load as well. */
  inFlight: z.int().positive(),
})
export type MicroTask = z.infer<typeof microTaskSchema>

/** One short run of one task. Durations are microseconds per call, of tinybench's samples: each the mean of a batch. */
export const microRunSchema = microTaskSchema.extend({
  set: z.int().nonnegative(),
  /** 0-based; each restart has processes of its own. */
  restart: z.int().nonnegative(),
  round: z.int().nonnegative(),
  /** Position within the round. */
  position: z.int().nonnegative(),
  /** Calls per sample: enough that reading the clock does not matter. */
  batch: z.int().positive(),
  samples: z.int().positive(),
  calls: z.int().positive(),
  medianUs: z.number().nonnegative(),
  /** Median absolute deviation of the samples, not scaled. */
  madUs: z.number().nonnegative(),
  meanUs: z.number().nonnegative(),
  minUs: z.number().nonnegative(),
  p99Us: z.number().nonnegative(),
  /** CPU of the whole process, all threads, over the calls; microseconds per call. */
  cpuUs: z.number().nonnegative(),
})
export type MicroRun = z.infer<typeof microRunSchema>

/** The authentication step in process: what was timed and what came out. */
export const microSchema = z.object({
  restarts: z.int().positive(),
  rounds: z.int().positive(),
  /** Planned length of a run, milliseconds. */
  runMs: z.number().positive(),
  /** Distinct users whose requests are walked through. */
  users: z.int().positive(),
  /** Calls under way at a time where a task is an asynchronous one, as many as connections under load. */
  inFlight: z.int().positive(),
  /** Whether the same variants were measured over HTTP in this run. */
  http: z.boolean(),
  leftOut: z.array(z.object({ variant: z.string(), reason: z.string() })),
  /** What was timed: of each variant its parts in the order in which the step goes through them, then the rest. */
  tasks: z.array(microTaskSchema),
  runs: z.array(microRunSchema),
  /** How fast the servers' cores were while the steps of a set were timed in a restart; absent in older files, and where it was not sampled. */
  coreSpeeds: z
    .array(
      coreSpeedSchema
        .omit({ sharedCores: true })
        .extend({ set: z.int().nonnegative(), restart: z.int().nonnegative() }),
    )
    .optional(),
})
export type MicroRecord = z.infer<typeof microSchema>
