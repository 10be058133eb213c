/**
 * Connections that wait for a request. The one freed last goes first, which keeps few of them busy: so each app instance
 * has a stack of its own, and their turns come round, or one instance would get nearly all requests.
 */
export class FreeConnections<T extends { readonly instance: number }> {
  readonly #stacks: T[][] = []
  #turn = 0
  count = 0

  constructor(connections: readonly T[]) {
    for (const connection of connections) this.give(connection)
  }

  /** One of the instance whose turn it is, else of the next that has any. */
  take(): T | undefined {
    for (let tried = 0; tried < this.#stacks.length; tried++) {
      const connection = this.#stacks[this.#turn]?.pop()
      this.#turn = (this.#turn + 1) % this.#stacks.length
      if (connection === undefined) continue
      this.count--
      return connection
    }
    return undefined
  }

  give(connection: T): void {
    const stack = this.#stacks[connection.instance] ?? []
    this.#stacks[connection.instance] = stack
    stack.push(connection)
    this.count++
  }
}
