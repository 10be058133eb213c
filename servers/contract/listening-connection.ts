import type { CountedDatabase } from './strategy.ts'

/** A database connection of a strategy's own, outside the pool, that can be told things (LISTEN). */
export interface ListeningConnection extends Pick<CountedDatabase, 'query'> {
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
