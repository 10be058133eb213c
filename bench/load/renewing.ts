import type { Random } from '../statistics/random.ts'

/** What clients send in the place of a credential whose time is over, once, before they go on with the next. */
export interface Lapses {
  /** Requests of users 1..n. */
  readonly requests: readonly Buffer[]
  /** How much of its time each client's first credential has had: they did not all begin at once. */
  readonly random: Random
}

/** Which credential each client holds, where clients come with a new one once theirs has been in use for so long. */
export class Renewing {
  readonly #generations: readonly (readonly Buffer[])[]
  readonly #lapses: Lapses | undefined
  readonly #everyNs: number
  readonly #held: Uint32Array
  readonly #sinceNs: Float64Array
  #beganNs: number | undefined
  #drawn: { readonly share: number; readonly random: Random; readonly fromNs: number } | undefined
  /** For how long the clients' clock has stood still. */
  #stoodNs = 0

  /** @param generations requests of users 1..n, by generation; after the last comes the first again */
  constructor(generations: readonly (readonly Buffer[])[], everyMs: number, lapses?: Lapses) {
    const users = generations[0]?.length ?? 0
    this.#generations = generations
    this.#lapses = lapses
    this.#everyNs = everyMs * 1e6
    this.#held = new Uint32Array(users)
    this.#sinceNs = new Float64Array(users).fill(Number.NaN)
  }

  /**
   * From now on this share of the requests is one of a lapse, drawn, and no time passes for the clients; undefined: by
   * their time, which goes on from where it stopped.
   */
  drawLapses(drawn: { readonly share: number; readonly random: Random } | undefined, nowNs: number): void {
    if (this.#drawn !== undefined) this.#stoodNs += nowNs - this.#drawn.fromNs
    this.#drawn = drawn === undefined ? undefined : { ...drawn, fromNs: nowNs }
  }

  /**
   * What a client sends now. Like one whose token has expired: the credential is replaced by the first request after its
   * time, not when the time is over.
   *
   * @param user index, userId - 1
   */
  requestOf(user: number, nowNs: number): Buffer | undefined {
    if (this.#drawn !== undefined && this.#lapses !== undefined) {
      const lapses = this.#drawn.random.next() < this.#drawn.share
      return (lapses ? this.#lapses.requests : this.#generations[0])?.[user]
    }
    const now = nowNs - this.#stoodNs
    const sinceNs = this.#sinceOf(user, now)
    const begins = Number.isNaN(sinceNs)
    if (!begins && now - sinceNs < this.#everyNs) return this.#generations[this.#held[user] ?? 0]?.[user]
    const held = begins ? 0 : ((this.#held[user] ?? 0) + 1) % this.#generations.length
    this.#held[user] = held
    this.#sinceNs[user] = now
    return (this.#lapses?.requests ?? this.#generations[held])?.[user]
  }

  #sinceOf(user: number, now: number): number {
    this.#beganNs ??= now
    const sinceNs = this.#sinceNs[user] ?? Number.NaN
    if (this.#lapses === undefined || !Number.isNaN(sinceNs)) return sinceNs
    const drawnNs = this.#beganNs - this.#lapses.random.next() * this.#everyNs
    this.#sinceNs[user] = drawnNs
    return drawnNs
  }
}
