import type { EnvironmentRecord } from '../record/environment.ts'
import type { RunLock } from './lock-file.ts'

/** What a kind of Postgres is started with. */
export interface PostgresRequest {
  readonly image: string
  readonly maxConnections: number
  /** CPUs the server may use, as `taskset -c` takes them: `1`, `2-3`. Absent: any. */
  readonly cpus?: string
  /** Off where nothing is written while measuring: its workers would visit every database each minute. */
  readonly autovacuum?: boolean
  readonly runId: string
  readonly lock: RunLock
  /** One line of progress for people. Never holds a credential. */
  log(line: string): void
  readonly signal: AbortSignal
}

/** A Postgres that is ready, of whichever kind. Disposing stops and removes it if it is our own. */
export interface PostgresHandle extends AsyncDisposable {
  readonly kind: EnvironmentRecord['postgres']['kind']
  /** How the harness and the servers reach it. */
  readonly route: EnvironmentRecord['postgres']['route']
  /** Address with credentials, for harness and servers only: never logged, never recorded. May change with `restart`. */
  readonly url: string
  /** The database schema to use; external ones are dropped at the end. */
  readonly schema: string
  /** Another schema beside it, named after it and dropped with it. */
  schemaBeside(suffix: string): string
  /** `server_version`. */
  readonly version: string
  readonly settings: Readonly<Record<string, string>>
  /** The postmaster's pid on this machine, where it has one that can be seen (embedded). */
  readonly postmasterPid: number | undefined
  state(): { readonly running: boolean; readonly lastLogLines: readonly string[] }
  /** Calls back once if Postgres ends unasked. Returns a function that takes the callback out again. */
  onExit(callback: (reason: string) => void): () => void
  /** Stops and starts a server of our own, data kept; absent for external ones. */
  readonly restart: (() => Promise<void>) | undefined
}

/** In a database of our own. */
export const ownSchema = 'authcost'

/** `authcost_1000000`: at most 63 bytes, and never the name it is made of. */
export const besideSchema = (schema: string, suffix: string): string =>
  `${schema.slice(0, 62 - suffix.length)}_${suffix}`

/** Callbacks for an end that nobody asked for. Fires once; a late listener hears it at once. */
export class ExitListeners {
  readonly #callbacks = new Set<(reason: string) => void>()
  #reason: string | undefined
  #expected = false

  get ended(): boolean {
    return this.#reason !== undefined
  }

  add(callback: (reason: string) => void): () => void {
    if (this.#reason !== undefined) callback(this.#reason)
    else this.#callbacks.add(callback)
    return () => this.#callbacks.delete(callback)
  }

  /** Ends that follow are asked for (stop, restart), or not any more. */
  expect(expected: boolean): void {
    this.#expected = expected
  }

  fire(reason: string): void {
    if (this.#expected || this.#reason !== undefined) return
    this.#reason = reason
    for (const callback of this.#callbacks) callback(reason)
    this.#callbacks.clear()
  }
}
