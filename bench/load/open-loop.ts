import { AuthcostError } from '../../servers/contract/errors.ts'
import { AwakeLoop } from './awake.ts'
import { countAnswer } from './count-answer.ts'
import { FreeConnections } from './free-connections.ts'
import { drainTimeoutMs } from './in-flight.ts'
import type { LoadResult } from './protocol.ts'
import { dealt, RawConnection } from './raw-connection.ts'
import type { Renewing } from './renewing.ts'
import type { RequestSet } from './request-set.ts'
import { nowNs, type Window } from './window.ts'

interface Sender {
  readonly connection: RawConnection
  /** Which app instance its connection leads to. */
  readonly instance: number
  readonly sequence: Uint32Array
  position: number
  /** When the request it is waiting for was due, nanoseconds. */
  dueNs: number
}

/**
 * Sends each request when it is due, whether or not earlier answers came, and counts its latency from that moment, so
 * that a stall of the server is charged to every request it delayed (no coordinated omission). A request that is due
 * while every connection is busy waits here, its clock running; how many did, and what is still unsent at the end, is
 * counted. The schedule lag is the driver's own: it begins when a request is due and a connection is free for it, or a slow
 * server would pass for a late driver. Several app instances get requests in turn.
 */
export class OpenLoopConnections {
  readonly #senders: Sender[]
  readonly #free: FreeConnections<Sender>
  readonly #set: RequestSet
  readonly #window: Window
  readonly #renewing: Renewing | undefined
  /** When a connection last became free while none was, nanoseconds. */
  #freedNs = 0
  #failure: Error | undefined

  private constructor(senders: Sender[], set: RequestSet, window: Window, renewing: Renewing | undefined) {
    this.#renewing = renewing
    this.#senders = senders
    this.#free = new FreeConnections(senders)
    this.#set = set
    this.#window = window
    for (const sender of senders) {
      sender.connection.listen(
        ({ status, body, bytes }) => this.#onResponse(sender, status, body, bytes),
        (error) => {
          window.errors++
          this.#failure ??= new AuthcostError(
            'load.connection',
            `The load driver lost a connection: ${error.message}`,
            { cause: error },
          )
        },
      )
    }
  }

  /**
   * @param urls one for each app instance; connections are dealt to them in turn
   * @param renewing which credential a user sends when; absent: always the same
   */
  static async open(
    urls: readonly string[],
    set: RequestSet,
    window: Window,
    renewing?: Renewing,
  ): Promise<OpenLoopConnections> {
    const senders = await Promise.all(
      set.sequences.map(async (sequence, index) => ({
        connection: await RawConnection.open(dealt(urls, index)),
        instance: index % urls.length,
        sequence,
        position: 0,
        dueNs: 0,
      })),
    )
    return new OpenLoopConnections(senders, set, window, renewing)
  }

  /**
   * @param dueNs ascending offsets from the window's start, nanoseconds
   * @param durationMs how long the schedule runs; sending goes on for at most as long again
   */
  async run(dueNs: Float64Array, durationMs: number): Promise<LoadResult> {
    const window = this.#window
    const awake = new AwakeLoop()
    window.open()
    this.#freedNs = 0
    let next = 0
    await new Promise<void>((resolve, reject) => {
      const giveUpNs = window.startNs + durationMs * 2e6
      const drainNs = giveUpNs + drainTimeoutMs * 1e6
      awake.start(
        () => window.requests + next,
        () => {
          if (this.#failure !== undefined) return reject(this.#failure)
          let now = nowNs()
          while (
            next < dueNs.length &&
            now < giveUpNs &&
            window.startNs + (dueNs[next] ?? 0) <= now &&
            this.#free.count > 0
          ) {
            const sender = this.#free.take()
            if (sender === undefined) break
            this.#send(sender, window.startNs + (dueNs[next] ?? 0), now)
            next++
            now = nowNs()
          }
          const sentAll = next === dueNs.length || now >= giveUpNs
          if (sentAll && this.#free.count === this.#senders.length) resolve()
          else if (now >= drainNs) {
            reject(new AuthcostError('load.drain', `Requests were not answered within ${drainTimeoutMs / 1000} s.`))
          }
        },
      )
    }).finally(() => awake.stop())
    return window.close(nowNs(), awake.idleTurnShare, dueNs.length - next)
  }

  async close(): Promise<void> {
    for (const { connection } of this.#senders) connection.close()
  }

  #send(sender: Sender, dueNs: number, now: number): void {
    const index = sender.sequence[sender.position] ?? 0
    const request = this.#renewing === undefined ? this.#set.requests[index] : this.#renewing.requestOf(index, now)
    if (request === undefined) return
    sender.dueNs = dueNs
    sender.connection.send(request)
    // None was free when it was due.
    const waited = dueNs < this.#freedNs
    if (waited) this.#window.waitedForConnection++
    this.#window.scheduleLag(now - (waited ? this.#freedNs : dueNs))
    this.#window.bytesSent += request.length
  }

  #onResponse(sender: Sender, status: number, body: string, bytes: number): void {
    const window = this.#window
    const now = nowNs()
    window.latency(now - sender.dueNs)
    window.requests++
    window.bytesReceived += bytes
    countAnswer(window, this.#set, sender.sequence[sender.position] ?? 0, status, body)
    sender.position = (sender.position + 1) % sender.sequence.length
    if (this.#free.count === 0) this.#freedNs = now
    this.#free.give(sender)
  }
}
