/** The part of connect-pg-simple that is used; it ships no types. */
declare module 'connect-pg-simple' {
  import type { SessionStore } from '@fastify/session'
  import type { Pool } from 'pg'

  interface PgStore extends SessionStore {
    close(): Promise<void>
  }
  interface PgStoreOptions {
    readonly pool: Pool
    readonly errorLog?: (...args: unknown[]) => void
  }
  /** @param session a module with a `Store` to extend. */
  export default function connectPgSimple(session: {
    readonly Store: unknown
  }): new (
    options: PgStoreOptions,
  ) => PgStore
}
