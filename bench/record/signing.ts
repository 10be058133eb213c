import { z } from 'zod'

/** Credentials that a live server issued on demand, after the rounds of a restart: what a login or a refresh signs. */
export const signingSchema = z.object({
  variant: z.string(),
  set: z.int().nonnegative(),
  restart: z.int().nonnegative(),
  round: z.int().nonnegative(),
  /** Credentials issued at once. */
  credentials: z.int().positive(),
  /** CPU of the server process, all threads, microseconds; handing the credentials to the harness included. */
  cpuUs: z.number().nonnegative(),
})
export type Signing = z.infer<typeof signingSchema>
