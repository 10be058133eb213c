import { AuthcostError } from '../../servers/contract/errors.ts'

/** How long a held connection may wait for its last answer. */
export const drainTimeoutMs = 10_000

/** Requests sent and not yet answered, of all connections to one server; and the first thing that went wrong. */
export class InFlight {
  #count = 0
  #onChange: (() => void) | undefined
  #failure: AuthcostError | undefined

  begin(): void {
    this.#count++
  }

  end(): void {
    if (--this.#count === 0) this.#onChange?.()
  }

  /** A connection was lost: nobody need wait for its answer any more. */
  fail(cause: Error): void {
    this.#failure ??= new AuthcostError('load.connection', `The load driver lost a connection: ${cause.message}`, {
      cause,
    })
    this.#onChange?.()
  }

  /** @throws {AuthcostError} `load.connection` when a connection was lost. */
  check(): void {
    if (this.#failure !== undefined) throw this.#failure
  }

  /**
   * Resolves when every request has been answered.
   *
   * @throws {AuthcostError} `load.connection`; `load.drain` when answers do not come in time.
   */
  async drained(): Promise<void> {
    this.check()
    if (this.#count === 0) return
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#onChange = undefined
        reject(
          new AuthcostError(
            'load.drain',
            `${this.#count} requests were not answered within ${drainTimeoutMs / 1000} s.`,
          ),
        )
      }, drainTimeoutMs)
      this.#onChange = () => {
        clearTimeout(timer)
        this.#onChange = undefined
        resolve()
      }
    })
    this.check()
  }
}
