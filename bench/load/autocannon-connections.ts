import autocannon from 'autocannon'
import { AuthcostError } from '../../servers/contract/errors.ts'
import type { ClosedLoopConnections } from './closed-loop.ts'
import { countAnswer } from './count-answer.ts'
import { InFlight } from './in-flight.ts'
import type { RequestSet } from './request-set.ts'
import { nowNs, type Window } from './window.ts'

/** What `setupClient` hands over, as far as it is used here (autocannon 9, lib/httpClient.js). */
interface AutocannonClient {
  readonly conn: { cork(): void; uncork(): void }
  requestIterator: RequestWalk
  /** Closes its connection, and connects no more. */
  destroy(): void
  on(event: 'response', listener: (status: number, bytes: number, durationMs: number) => void): void
  on(event: 'connError' | 'timeout', listener: (error?: Error) => void): void
}

interface WalkRequest {
  readonly requestBuffer: Buffer
  /** Its place in the set. */
  readonly index: number
}

/**
 * Stands in for autocannon's own iterator, which rebuilds its buffers for every run and clones a context for every
 * request: a walk of its own through prebuilt buffers for each connection, which also sees each response's body.
 */
class RequestWalk {
  readonly resetted = false
  currentRequest: WalkRequest
  readonly #requests: readonly WalkRequest[]
  readonly #sequence: Uint32Array
  readonly #onBody: (request: WalkRequest, status: number, body: string) => void
  #position = 0

  constructor(
    requests: readonly WalkRequest[],
    sequence: Uint32Array,
    onBody: (request: WalkRequest, status: number, body: string) => void,
  ) {
    this.#requests = requests
    this.#sequence = sequence
    this.#onBody = onBody
    this.currentRequest = this.#at(0)
  }

  nextRequest(): WalkRequest {
    this.#position = (this.#position + 1) % this.#sequence.length
    this.currentRequest = this.#at(this.#position)
    return this.currentRequest
  }

  recordBody(request: WalkRequest, status: number, body: string): void {
    this.#onBody(request, status, body)
  }

  #at(position: number): WalkRequest {
    const request = this.#requests[this.#sequence[position] ?? 0]
    if (request === undefined)
      throw new AuthcostError('load.sequence', 'A request sequence names a user beyond the population.')
    return request
  }
}

/** Long enough that a held connection never times out inside autocannon; drains are bounded here instead. */
const neverS = 86_400

/**
 * autocannon with its connections open for as long as the server lives. They are held by corking their sockets: the
 * next request stays in the socket's buffer until it is uncorked. So windows of a quarter second need no new
 * connections, are not bound to autocannon's sampling ticks, and abandon no request (docs/method.md).
 */
export class AutocannonConnections implements ClosedLoopConnections {
  readonly #clients: AutocannonClient[] = []
  readonly #window: Window
  /** One for each server. */
  readonly #runs: readonly { stop(): void }[]
  #sentAtNs: number[] = []
  #waiting: boolean[] = []
  readonly #inFlight = new InFlight()
  #held = false
  responses = 0

  /** @param urls one for each app instance; connections are dealt to them in turn */
  constructor(urls: readonly string[], set: RequestSet, window: Window) {
    this.#window = window
    const requests = set.requests.map((requestBuffer, index) => ({ requestBuffer, index }))
    const connections = set.sequences.length
    for (let i = 0; i < connections; i++) this.#inFlight.begin()
    this.#sentAtNs = new Array<number>(connections).fill(nowNs())
    this.#waiting = new Array<boolean>(connections).fill(true)
    const onBody = (request: WalkRequest, status: number, body: string) => {
      window.bytesSent += request.requestBuffer.length
      countAnswer(window, set, request.index, status, body)
    }
    this.#runs = urls.flatMap((url, first) => {
      const indexes = Array.from({ length: connections }, (_, index) => index).filter(
        (index) => index % urls.length === first,
      )
      return indexes.length === 0 ? [] : [this.#run(url, indexes, set.sequences, requests, onBody)]
    })
  }

  /** @param indexes of the connections that lead to this server */
  #run(
    url: string,
    indexes: readonly number[],
    sequences: RequestSet['sequences'],
    requests: readonly WalkRequest[],
    onBody: (request: WalkRequest, status: number, body: string) => void,
  ): { stop(): void } {
    let opened = 0
    const instance = autocannon(
      {
        url,
        connections: indexes.length,
        duration: neverS,
        timeout: neverS,
        // Only the tick that ends a run depends on it, and runs end when the server's life does.
        sampleInt: 1000,
        setupClient: (given: unknown) => {
          const index = indexes[opened++]
          const sequence = index === undefined ? undefined : sequences[index]
          if (index === undefined || sequence === undefined) return
          const client = parseClient(given)
          this.#clients[index] = client
          client.requestIterator = new RequestWalk(requests, sequence, onBody)
          client.on('response', (_status, bytes) => this.#onResponse(index, bytes))
          client.on('connError', (error) => this.#onError(error ?? new Error('connection error')))
          client.on('timeout', () => this.#onError(new Error('request timed out')))
        },
      },
      (error: Error | null) => {
        if (error !== null) this.#onError(error)
      },
    )
    // The instance is also a promise of the run's result, which nobody waits for.
    instance.on('error', (error: Error) => this.#onError(error))
    return instance
  }

  release(connections = this.#clients.length): void {
    this.#held = false
    const now = nowNs()
    for (const [index, client] of this.#clients.entries()) {
      if (index >= connections) break
      this.#sentAtNs[index] = now
      if (this.#waiting[index] === false) {
        this.#waiting[index] = true
        this.#inFlight.begin()
      }
      client.conn.uncork()
    }
  }

  async hold(): Promise<void> {
    this.#held = true
    await this.#inFlight.drained()
  }

  /** autocannon itself would notice within a second, and until then connect again and again to a server that is gone. */
  async close(): Promise<void> {
    for (const run of this.#runs) run.stop()
    for (const client of this.#clients) client.destroy()
  }

  /** autocannon emits this before it sends the next request of the same connection. */
  #onResponse(index: number, bytes: number): void {
    const now = nowNs()
    const window = this.#window
    window.requests++
    this.responses++
    window.bytesReceived += bytes
    window.latency(now - (this.#sentAtNs[index] ?? now))
    this.#sentAtNs[index] = now
    if (!this.#held) return
    this.#clients[index]?.conn.cork()
    this.#waiting[index] = false
    this.#inFlight.end()
  }

  #onError(error: Error): void {
    this.#window.errors++
    this.#inFlight.fail(error)
  }
}

/** Fails loudly where another version of autocannon has other insides. */
function parseClient(given: unknown): AutocannonClient {
  const fits = (value: unknown): value is AutocannonClient =>
    typeof value === 'object' &&
    value !== null &&
    'requestIterator' in value &&
    'on' in value &&
    typeof value.on === 'function' &&
    'destroy' in value &&
    typeof value.destroy === 'function'
  if (!fits(given)) {
    throw new AuthcostError(
      'load.autocannon',
      'This version of autocannon hands setupClient something unknown; authcost needs autocannon 9.',
    )
  }
  return given
}
