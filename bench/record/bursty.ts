import { z } from 'zod'
import { absentSchema, sliceSchema } from './slice.ts'
import { boundedSchema } from './tuning.ts'

/** Slices of a strategy whose requests are of two kinds, by its own clock: most cheap, some dear. */
export const burstySliceSchema = z.object({
  /** `fit`: costs are taken from it, whether the share of dear requests falls, is steady or drawn. `check`: steady, for the check alone. */
  purpose: z.enum(['fit', 'check']),
  /** For how long what a dear request did serves the cheap ones after it, milliseconds. */
  everyMs: z.number().positive(),
  /** The shorter period that it was measured with; absent: `everyMs`. */
  measuredEveryMs: z.number().positive().optional(),
  /** Users who shared the rate by Zipf's law; absent: all of the plan. */
  users: z.int().positive().optional(),
  /** Requests of the window that were dear (a cache missed, a time stamp written), by the strategy's own counters. */
  misses: z.int().nonnegative(),
  slice: sliceSchema,
})
export type BurstySlice = z.infer<typeof burstySliceSchema>

const figureSchema = z.union([boundedSchema, absentSchema])

export const burstySchema = z.object({
  slices: z.array(burstySliceSchema),
  variants: z.array(
    z.object({
      variant: z.string(),
      everyMs: z.number().positive(),
      /** The shorter period that it was measured with, and which the check is for; absent: `everyMs`. */
      measuredEveryMs: z.number().positive().optional(),
      /** Users who shared the rate when it was measured; absent: all of the plan. */
      users: z.int().positive().optional(),
      requestsPerSecond: z.number().positive(),
      restarts: z.int().nonnegative(),
      /** App and database CPU of a request that is cheap, and of one that is dear, microseconds. */
      hitUs: figureSchema,
      missUs: figureSchema,
      /** CPU per request at a user's own rate: hit + (miss - hit) / (1 + rate x every). */
      atUserRate: z.array(z.object({ requestsPerUserPerMinute: z.number().positive(), cpuUs: figureSchema })),
      /** The same at the rate of the run, where it was measured too. Shares of misses are 0..1. */
      check: z.object({
        derivedMissShare: z.number().min(0).max(1),
        measuredMissShare: figureSchema,
        derivedUs: figureSchema,
        measuredUs: figureSchema,
        differenceUs: figureSchema,
        /** Whether the interval of the difference holds 0; absent where there is none. */
        agrees: z.boolean().optional(),
      }),
    }),
  ),
})
export type Bursty = z.infer<typeof burstySchema>
export type BurstyVariant = Bursty['variants'][number]
