import { z } from 'zod'

/** Harness to the supervisor of a Redis: what to run, once. */
export const toRedisSupervisorSchema = z.object({
  requestId: z.int(),
  /** Absolute path of `redis-server` or `valkey-server`. */
  program: z.string(),
  /** Lines of its configuration file. */
  configuration: z.string(),
})

/** The supervisor's answer: the process runs, though it may not listen yet. */
export const fromRedisSupervisorSchema = z.object({ requestId: z.int(), pid: z.int().positive() })
export type FromRedisSupervisor = z.infer<typeof fromRedisSupervisorSchema>
