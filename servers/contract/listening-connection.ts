import type { Statement } from './strategy.ts'

/** A database connection of a strategy's own, outside the pool, that can be told things (LISTEN). */
export interface ListeningConnection {
  /** @param options.timeoutMs for what takes longer than the second that a sign of life may take. */
  query<Row>(
    statement: Statement,
    options?: { readonly timeoutMs?: number },
  ): Promise<{ readonly rows: Row[]; readonly rowCount: number }>
  /** Begins to listen; notifications of other channels do not come. */
  listen(channel: string): Promise<void>
  close(): Promise<void>
}

/** Who is told what happens on a listening connection. */
export interface Listener {
  onNotification(payload: string): void
  /** Once, when the connection is no more; nothing comes after it. Not called after `close`. */
  onLost(): void
}

/** Opens a listening connection. */
export type OpenListeningConnection = (listener: Listener) => Promise<ListeningConnection>
