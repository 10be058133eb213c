/**
 * Keeps the event loop turning while a window is open. A driver that sleeps in epoll makes the server look up to 60 %
 * dearer per request, because every wake-up of either side is paid for by fewer requests; one that polls does not.
 */
export class AwakeLoop {
  #running = false
  #turns = 0
  #idleTurns = 0
  #seen = 0

  /**
   * @param progress how much work has been done so far; a turn in which it did not move found nothing to do
   * @param onTurn called on every turn; may do work of its own (send what is due)
   */
  start(progress: () => number, onTurn?: () => void): void {
    this.#running = true
    this.#turns = this.#idleTurns = 0
    this.#seen = progress()
    const turn = () => {
      if (!this.#running) return
      onTurn?.()
      this.#turns++
      const now = progress()
      if (now === this.#seen) this.#idleTurns++
      this.#seen = now
      setImmediate(turn)
    }
    setImmediate(turn)
  }

  stop(): void {
    this.#running = false
  }

  /** Share of the turns that found nothing to do, 0..1: near 0, the driver itself is the limit. */
  get idleTurnShare(): number {
    return this.#turns === 0 ? 1 : this.#idleTurns / this.#turns
  }
}
