/** Which credential each client holds, where clients come with a new one once theirs has been in use for so long. */
export class Renewing {
  readonly #generations: readonly (readonly Buffer[])[]
  readonly #lapsed: readonly Buffer[] | undefined
  readonly #everyNs: number
  readonly #held: Uint32Array
  readonly #sinceNs: Float64Array

  /**
   * @param generations requests of users 1..n, by generation; after the last comes the first again
   * @param lapsed requests of theirs that each sends once, at first and when a credential's time is over, before the next
   */
  constructor(generations: readonly (readonly Buffer[])[], everyMs: number, lapsed?: readonly Buffer[]) {
    const users = generations[0]?.length ?? 0
    this.#generations = generations
    this.#lapsed = lapsed
    this.#everyNs = everyMs * 1e6
    this.#held = new Uint32Array(users)
    this.#sinceNs = new Float64Array(users).fill(Number.NaN)
  }

  /**
   * What a client sends now. Like one whose token has expired: the credential is replaced by the first request after its
   * time, not when the time is over.
   *
   * @param user index, userId - 1
   */
  requestOf(user: number, nowNs: number): Buffer | undefined {
    const sinceNs = this.#sinceNs[user] ?? Number.NaN
    const first = Number.isNaN(sinceNs)
    if (!first && nowNs - sinceNs < this.#everyNs) return this.#generations[this.#held[user] ?? 0]?.[user]
    const held = first ? 0 : ((this.#held[user] ?? 0) + 1) % this.#generations.length
    this.#held[user] = held
    this.#sinceNs[user] = nowNs
    return this.#lapsed === undefined ? this.#generations[held]?.[user] : this.#lapsed[user]
  }
}
