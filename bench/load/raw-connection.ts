import { connect, type Socket } from 'node:net'
import { AuthcostError } from '../../servers/contract/errors.ts'

/** One answered request. */
export interface RawResponse {
  readonly status: number
  /** Status line and headers, without the empty line behind them. */
  readonly head: string
  readonly body: string
  readonly bytes: number
}

/** Whose turn it is: connections are dealt to the app instances like cards. */
export const dealt = (urls: readonly string[], connection: number): string => urls[connection % urls.length] ?? ''

/**
 * An HTTP/1.1 keep-alive connection over a plain socket, one request at a time: just enough of the protocol for the
 * answers of the project's own servers (a status line, headers with content-length, a body in ASCII).
 */
export class RawConnection {
  readonly #socket: Socket
  #received = ''
  #onResponse: (response: RawResponse) => void = () => {}
  #onError: (error: Error) => void = () => {}

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.setNoDelay(true)
    socket.setEncoding('latin1')
    socket.on('data', (chunk: string) => this.#onData(chunk))
    socket.on('error', (error) => this.#onError(error))
    socket.on('close', () => this.#onError(new Error('the server closed the connection')))
  }

  static async open(url: string): Promise<RawConnection> {
    const { hostname, port } = new URL(url)
    const socket = connect(Number(port), hostname.replace(/^\[|\]$/g, ''))
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve)
      socket.once('error', (cause) =>
        reject(new AuthcostError('load.connect', `Cannot connect to ${url}: ${cause.message}`, { cause })),
      )
    })
    socket.removeAllListeners('error')
    return new RawConnection(socket)
  }

  listen(onResponse: (response: RawResponse) => void, onError: (error: Error) => void): void {
    this.#onResponse = onResponse
    this.#onError = onError
  }

  send(request: Buffer): void {
    this.#socket.write(request)
  }

  close(): void {
    this.#onError = () => {}
    this.#socket.destroy()
  }

  #onData(chunk: string): void {
    const text = this.#received === '' ? chunk : this.#received + chunk
    const headEnd = text.indexOf('\r\n\r\n')
    if (headEnd === -1) {
      this.#received = text
      return
    }
    const bodyStart = headEnd + 4
    const end = bodyStart + contentLength(text, headEnd)
    if (text.length < end) {
      this.#received = text
      return
    }
    this.#received = text.slice(end)
    // `HTTP/1.1 200 OK`: the status stands at 9..12.
    this.#onResponse({
      status: Number(text.slice(9, 12)),
      head: text.slice(0, headEnd),
      body: text.slice(bodyStart, end),
      bytes: end,
    })
  }
}

function contentLength(text: string, headEnd: number): number {
  const at = text.indexOf('content-length: ')
  if (at === -1 || at > headEnd) return 0
  return Number.parseInt(text.slice(at + 16, at + 26), 10)
}
