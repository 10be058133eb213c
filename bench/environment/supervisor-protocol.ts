import { z } from 'zod'

/** Harness to the supervisor of an embedded Postgres. */
export const toSupervisorSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('start'),
    command: z.string(),
    args: z.array(z.string()),
    /** Removed at the end. */
    folder: z.string(),
    uid: z.int().optional(),
    gid: z.int().optional(),
  }),
  z.object({ type: z.literal('restart') }),
  z.object({ type: z.literal('stop') }),
])
export type ToSupervisor = z.infer<typeof toSupervisorSchema>

/** The supervisor's messages back. */
export const fromSupervisorSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('started'), pid: z.int() }),
  z.object({ type: z.literal('output'), text: z.string() }),
  z.object({ type: z.literal('exited'), reason: z.string() }),
])
export type FromSupervisor = z.infer<typeof fromSupervisorSchema>
