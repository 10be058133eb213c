import { connect, type Socket } from 'node:net'
import type { DelayLine } from './delay-line.ts'

export interface Upstream {
  readonly host: string
  readonly port: number
}

/**
 * Bytes of one connection that may wait in the line. Far above what a request for a row brings, so nothing is slowed; a
 * bulk transfer must not fill the memory.
 */
const maximumHeldBytes = 64 * 2 ** 20

/**
 * Joins a client to a connection of its own upstream. What the client sends passes at once; what comes back, its end
 * included, waits in the line. Bytes pass untouched, TLS too.
 */
export function forward(client: Socket, upstreamAddress: Upstream, line: DelayLine): void {
  const upstream = connect({ ...upstreamAddress, allowHalfOpen: true, noDelay: true })
  let heldBytes = 0
  let clientIsFull = false
  const settle = (): void => {
    if (clientIsFull || heldBytes > maximumHeldBytes) upstream.pause()
    else if (upstream.isPaused()) upstream.resume()
  }

  // Waits where upstream is slow, and passes the client's end on.
  client.pipe(upstream)
  client.on('drain', () => {
    clientIsFull = false
    settle()
  })
  client.on('error', () => upstream.destroy())
  client.on('close', () => upstream.destroySoon())

  upstream.on('data', (chunk: Buffer) => {
    heldBytes += chunk.length
    settle()
    line.push(() => {
      heldBytes -= chunk.length
      if (client.destroyed) return
      clientIsFull = !client.write(chunk)
      settle()
    })
  })
  upstream.on('end', () => line.push(() => client.end()))
  // Refused or broken: the client gets what had come before, then its end. Postgres's messages carry their length, so a
  // cut one cannot pass for a whole one.
  upstream.on('error', () => line.push(() => client.destroySoon()))
}
