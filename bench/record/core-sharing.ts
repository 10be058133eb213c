import { z } from 'zod'
import { boundedSchema } from './bounded.ts'

const placeSchema = z.object({
  /** CPU of the process that looks up, all its threads; microseconds per look-up, median of the turns. */
  appCpuUs: z.number().nonnegative(),
  /** CPU of its backends; microseconds per look-up, median of the turns. */
  databaseCpuUs: z.number().nonnegative(),
})

/**
 * What it costs here that servers and Postgres take turns on one core: a variant's look-up in process, without HTTP,
 * where both are on the core that they share in this run, and with a core each. Measured before the restarts.
 */
export const coreSharingSchema = z.object({
  variant: z.string(),
  /** Look-ups under way at a time. */
  inFlight: z.int().positive(),
  /** Turns in each place, in pairs of changing order, and their length, milliseconds. */
  turns: z.int().positive(),
  turnMs: z.number().positive(),
  shared: placeSchema,
  apart: placeSchema,
  /** App and database CPU together, `shared` over `apart`, with a 95 % interval over pairs of turns. */
  times: boundedSchema,
})
export type CoreSharing = z.infer<typeof coreSharingSchema>

const sumText = ({ appCpuUs, databaseCpuUs }: CoreSharing['shared']): string =>
  `${appCpuUs.toFixed(1)} us of app CPU and ${databaseCpuUs.toFixed(1)} us of database CPU`

/** Both places in words, for the warning and for the facts of the report. */
export const coreSharingWords = ({ shared, apart, times }: CoreSharing): string =>
  `${sumText(shared)} on the shared core, ${sumText(apart)} with a core each: ${times.value.toFixed(2)} times as much (${times.low.toFixed(2)} to ${times.high.toFixed(2)})`
