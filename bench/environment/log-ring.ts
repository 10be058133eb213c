/** Keeps the last lines of a process's output, for the message that says why it died. Bounded, whatever is written. */
export class LogRing {
  readonly #limit: number
  #lines: string[] = []
  #rest = ''

  constructor(limit = 40) {
    this.#limit = limit
  }

  /** Takes output as it comes, in pieces that need not end at a line's end. */
  write(chunk: string): void {
    const lines = (this.#rest + chunk).split('\n')
    // A line that never ends must not grow without bound either.
    this.#rest = (lines.pop() ?? '').slice(-4000)
    for (const line of lines) this.#add(line)
  }

  #add(line: string): void {
    const text = line.trimEnd().slice(0, 1000)
    if (text === '') return
    this.#lines.push(text)
    if (this.#lines.length > this.#limit) this.#lines = this.#lines.slice(-this.#limit)
  }

  lines(): readonly string[] {
    return this.#rest.trim() === '' ? [...this.#lines] : [...this.#lines, this.#rest.trimEnd().slice(0, 1000)]
  }
}

/** A sentence about a process with what it wrote last. */
export const withLog = (sentence: string, log: LogRing): string =>
  log.lines().length === 0 ? sentence : `${sentence} Its last lines:\n${log.lines().slice(-10).join('\n')}`
