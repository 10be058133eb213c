import { z } from 'zod'

/** Messages to the speed probe's process. */
export const toSpeedProbeSchema = z.discriminatedUnion('type', [
  /** Sample from now on. */
  z.object({ type: z.literal('begin'), requestId: z.int() }),
  /** Sample no longer, and say what was found since `begin`. */
  z.object({ type: z.literal('end'), requestId: z.int() }),
])
export type ToSpeedProbe = z.infer<typeof toSpeedProbeSchema>

export const fromSpeedProbeSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('begun'), requestId: z.int() }),
  z.object({
    type: z.literal('samples'),
    requestId: z.int(),
    /** CPU time of each piece of the work, microseconds. */
    workUs: z.array(z.number().nonnegative()),
    /** Of the whole process since `begin`, microseconds. */
    cpuUs: z.number().nonnegative(),
  }),
  z.object({ type: z.literal('failed'), requestId: z.int(), code: z.string(), message: z.string() }),
])
export type FromSpeedProbe = z.infer<typeof fromSpeedProbeSchema>
