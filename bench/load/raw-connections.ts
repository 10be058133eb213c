import type { ClosedLoopConnections } from './closed-loop.ts'
import { countAnswer } from './count-answer.ts'
import { InFlight } from './in-flight.ts'
import { dealt, RawConnection } from './raw-connection.ts'
import type { RequestSet } from './request-set.ts'
import { nowNs, type Window } from './window.ts'

interface Walker {
  readonly connection: RawConnection
  readonly sequence: Uint32Array
  position: number
  sentAtNs: number
  busy: boolean
}

/**
 * The closed loop over plain sockets: the check on autocannon, and the driver for one unloaded connection and for
 * warming up open-loop connections. Held, a connection does not send its next request.
 */
export class RawConnections implements ClosedLoopConnections {
  readonly #walkers: Walker[]
  readonly #set: RequestSet
  readonly #window: Window
  readonly #inFlight = new InFlight()
  #held = true
  responses = 0

  private constructor(walkers: Walker[], set: RequestSet, window: Window) {
    this.#walkers = walkers
    this.#set = set
    this.#window = window
    for (const walker of walkers) {
      walker.connection.listen(
        ({ status, body, bytes }) => this.#onResponse(walker, status, body, bytes),
        (error) => this.#onError(error),
      )
    }
  }

  /** @param urls one for each app instance; connections are dealt to them in turn */
  static async open(urls: readonly string[], set: RequestSet, window: Window): Promise<RawConnections> {
    const walkers = await Promise.all(
      set.sequences.map(async (sequence, index) => ({
        connection: await RawConnection.open(dealt(urls, index)),
        sequence,
        position: 0,
        sentAtNs: 0,
        busy: false,
      })),
    )
    return new RawConnections(walkers, set, window)
  }

  release(connections = this.#walkers.length): void {
    this.#held = false
    for (const walker of this.#walkers.slice(0, connections)) this.#send(walker)
  }

  async hold(): Promise<void> {
    this.#held = true
    await this.#inFlight.drained()
  }

  async close(): Promise<void> {
    for (const { connection } of this.#walkers) connection.close()
  }

  #send(walker: Walker): void {
    const request = this.#set.requests[walker.sequence[walker.position] ?? 0]
    if (request === undefined) return
    walker.busy = true
    this.#inFlight.begin()
    walker.sentAtNs = nowNs()
    walker.connection.send(request)
    this.#window.bytesSent += request.length
  }

  #onResponse(walker: Walker, status: number, body: string, bytes: number): void {
    const window = this.#window
    window.latency(nowNs() - walker.sentAtNs)
    window.requests++
    this.responses++
    window.bytesReceived += bytes
    countAnswer(window, this.#set, walker.sequence[walker.position] ?? 0, status, body)
    walker.position = (walker.position + 1) % walker.sequence.length
    walker.busy = false
    // Counted as begun before it counts as ended, so that a connection that goes on never looks drained.
    if (!this.#held) this.#send(walker)
    this.#inFlight.end()
  }

  #onError(error: Error): void {
    this.#window.errors++
    this.#inFlight.fail(error)
  }
}
