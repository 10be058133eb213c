/** The last lines a child wrote, bounded: for the "last lines" of an error message. */
export class OutputRing {
  readonly #lines: string[] = []
  readonly #limit: number
  #partial = ''

  constructor(limit = 40) {
    this.#limit = limit
  }

  append(chunk: string): void {
    const pieces = (this.#partial + chunk).split('\n')
    // A child that never ends its line must not grow the ring without bound.
    this.#partial = (pieces.pop() ?? '').slice(-4096)
    for (const piece of pieces) {
      this.#lines.push(piece.slice(0, 1000))
      if (this.#lines.length > this.#limit) this.#lines.shift()
    }
  }

  /** Oldest first. */
  lines(): readonly string[] {
    return this.#partial === '' ? [...this.#lines] : [...this.#lines, this.#partial]
  }
}
