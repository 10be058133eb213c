import { z } from 'zod'
import { protocolVersion } from './protocol.ts'
import { sessionLayoutSchema } from './session-layout.ts'

/**
 * Creating and filling the application's tables is SQL of the application, so a process of `servers/` does it
 * (`servers/prepare-database.ts`), told over IPC. One request, many progress messages, one end.
 */
export const preparationSchema = z.object({
  protocolVersion: z.literal(protocolVersion),
  /** Must be able to create schemas; CHECKPOINT and pg_prewarm are skipped with a notice where refused. */
  databaseUrl: z.string(),
  databaseSchema: z.string(),
  /** Users with ids 1..users (at least the number whose credentials are sent). */
  users: z.int().positive(),
  /** Sessions in each layout; session n belongs to user ((n - 1) mod users) + 1. 0: schema only. */
  sessions: z.int().nonnegative(),
  /** From which seeded session ids derive, with the session number: hex, 32 bytes. */
  sessionSecret: z.string(),
  sessionLifetimeS: z.int().positive(),
  /** Whether the plan writes to every session table while measuring: autovacuum stays on. Else each layout says. */
  writes: z.boolean(),
  /** Where sessions lie. Absent: the default layout alone. Empty: no variant keeps sessions. */
  sessionLayouts: z.array(sessionLayoutSchema).optional(),
  /** Where layouts with `store: 'redis'` are filled. */
  redis: z.object({ url: z.string(), keyPrefix: z.string() }).optional(),
})
export type Preparation = z.infer<typeof preparationSchema>

export const preparationReportSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('progress'), phase: z.string(), done: z.number(), total: z.number() }),
  z.object({
    type: z.literal('done'),
    /** Sentences on what could not be done (no pg_prewarm, CHECKPOINT refused). */
    notices: z.array(z.string()),
    databaseBytes: z.int().nonnegative(),
    elapsedMs: z.number(),
    /** What answered as Redis, where layouts were filled there. */
    redis: z.object({ product: z.enum(['redis', 'valkey']), version: z.string() }).optional(),
  }),
  z.object({ type: z.literal('failed'), code: z.string(), message: z.string() }),
])
export type PreparationReport = z.infer<typeof preparationReportSchema>
