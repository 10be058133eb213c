import { z } from 'zod'

/**
 * How sessions lie at rest: what has to be created and filled before a variant can run. Plain data, so that a variant
 * can carry it to the harness, and the harness to the process that seeds.
 */
export const sessionLayoutSchema = z.object({
  store: z.enum(['postgres', 'redis']),
  /** The table, or the first part of every key in Redis: what two variants share they share by this name. */
  name: z.string().regex(/^[a-z][a-z0-9_]{0,55}$/),
  /** What lies there in place of the id: its SHA-256, or the id itself. */
  hash: z.enum(['sha256', 'plain']),
  /** Random bytes of an id, before base64url. */
  idBytes: z.int().min(16).max(64),
  index: z.enum(['btree', 'hash']),
  table: z.enum(['logged', 'unlogged']),
  /** Requests write here: rows get room to be updated in place, and autovacuum stays on. */
  written: z.boolean(),
  /** In Redis, where a session that is touched ends with its key: seconds. */
  idleTimeoutS: z.int().positive().optional(),
})
export type SessionLayout = z.infer<typeof sessionLayoutSchema>

/** What `session` has where nothing else is asked for. */
export const defaultSessionLayout: SessionLayout = {
  store: 'postgres',
  name: 'session_auth',
  hash: 'sha256',
  idBytes: 32,
  index: 'btree',
  table: 'logged',
  written: false,
}

/** The layouts that some variants need, each once. */
export function distinctLayouts(layouts: readonly (SessionLayout | undefined)[]): SessionLayout[] {
  const byName = new Map<string, SessionLayout>()
  for (const layout of layouts) if (layout !== undefined) byName.set(`${layout.store}/${layout.name}`, layout)
  return [...byName.values()]
}
