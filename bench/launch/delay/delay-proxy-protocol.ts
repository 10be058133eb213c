import { z } from 'zod'

/** Messages to a delay proxy's process. Addresses only: no user, no password. */
export const toDelayProxySchema = z.discriminatedUnion('type', [
  /** Once, first. */
  z.object({
    type: z.literal('listen'),
    requestId: z.int(),
    host: z.string().min(1),
    port: z.int().min(1).max(65535),
    delayUs: z.number().nonnegative(),
  }),
  z.object({ type: z.literal('delay'), requestId: z.int(), delayUs: z.number().nonnegative() }),
  z.object({ type: z.literal('counters'), requestId: z.int() }),
])
export type ToDelayProxy = z.infer<typeof toDelayProxySchema>

export const fromDelayProxySchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('listening'), requestId: z.int(), port: z.int() }),
  z.object({ type: z.literal('done'), requestId: z.int() }),
  z.object({
    type: z.literal('counters'),
    requestId: z.int(),
    /** All threads, since the start. */
    cpuUs: z.number().nonnegative(),
    /** Median of the last sleeps: how much too late they ended. */
    overshootUs: z.number().nonnegative(),
  }),
  z.object({ type: z.literal('failed'), requestId: z.int(), message: z.string() }),
])
export type FromDelayProxy = z.infer<typeof fromDelayProxySchema>
