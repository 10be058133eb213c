interface Entry<V> {
  readonly value: V
  readonly endsAtMs: number
}

/**
 * A bounded cache in the process: at most `capacity` entries, each for a time; the one that was not asked for longest
 * goes first. It has no timer, so it does nothing between requests: an entry whose time is over goes when it is asked
 * for, or when room is needed.
 */
export class ExpiringCache<V> {
  hits = 0
  misses = 0
  /** Entries ended before their time. Who asks elsewhere and finds another number afterwards must not store the answer. */
  deletions = 0
  readonly #entries = new Map<string, Entry<V>>()
  readonly #capacity: number
  readonly #now: () => number

  constructor(capacity: number, now: () => number) {
    this.#capacity = capacity
    this.#now = now
  }

  get size(): number {
    return this.#entries.size
  }

  get(key: string): V | undefined {
    const entry = this.#entries.get(key)
    if (entry === undefined) {
      this.misses++
      return undefined
    }
    // A Map keeps the order of insertion: taken out and put in again it is the youngest.
    this.#entries.delete(key)
    if (entry.endsAtMs <= this.#now()) {
      this.misses++
      return undefined
    }
    this.#entries.set(key, entry)
    this.hits++
    return entry.value
  }

  /** @param endsAtMs by the clock the cache was made with; an end that has passed stores nothing. */
  set(key: string, value: V, endsAtMs: number): void {
    if (endsAtMs <= this.#now()) return
    this.#entries.delete(key)
    if (this.#entries.size >= this.#capacity) {
      const oldest = this.#entries.keys().next()
      if (oldest.done !== true) this.#entries.delete(oldest.value)
    }
    this.#entries.set(key, { value, endsAtMs })
  }

  delete(key: string): void {
    this.deletions++
    this.#entries.delete(key)
  }
}
