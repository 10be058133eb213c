import { z } from 'zod'
import { protocolVersion } from './protocol.ts'
import { sessionLayoutSchema } from './session-layout.ts'

/**
 * Deleting what has expired is SQL of the application, so a process of `servers/` does it (`servers/delete-expired.ts`),
 * told over IPC between restarts: never a timer of a server that is being measured.
 */
export const expiredRowsSchema = z.object({
  protocolVersion: z.literal(protocolVersion),
  requestId: z.int(),
  databaseUrl: z.string(),
  databaseSchema: z.string(),
  sessionLayouts: z.array(sessionLayoutSchema),
})
export type ExpiredRows = z.infer<typeof expiredRowsSchema>

export const expiredRowsReportSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('done'),
    requestId: z.int(),
    /** Rows deleted, by table. */
    deleted: z.record(z.string(), z.int().nonnegative()),
  }),
  z.object({ type: z.literal('failed'), requestId: z.int(), code: z.string(), message: z.string() }),
])
export type ExpiredRowsReport = z.infer<typeof expiredRowsReportSchema>
