import { z } from 'zod'

/** What a strategy keeps for its users, at rest or in memory: so many bytes for so many of them. */
export const stateSizeSchema = z.object({
  where: z.enum(['postgres', 'redis', 'memory']),
  /** What one of them is: `session`, `refresh family with its first token`. */
  what: z.string(),
  /** Of all of them, with their indexes and what holds them together. */
  bytes: z.number().nonnegative(),
  /** How many were weighed. */
  count: z.int().positive(),
  /** How they were weighed. */
  method: z.string(),
})
export type StateSize = z.infer<typeof stateSizeSchema>
