import { connect } from 'node:net'
import type { Absent } from '../record/slice.ts'
import type { RedisRoute } from './redis-route.ts'

/** A Redis or Valkey that a run may use. */
export interface RedisHandle extends AsyncDisposable {
  readonly kind: 'program' | 'container' | 'external'
  /** With its password; never recorded. */
  readonly url: string
  readonly route: RedisRoute
  /** Of the server, where it is a process of this machine. */
  readonly pid: number | undefined
  /** CPU of the server so far, microseconds. */
  cpuUs(): number | Absent
  /** Called when it ends unasked. */
  onExit(callback: (reason: string) => void): void
}

/** How long a Redis that was started may take to answer: it has nothing to load. */
const readyTimeoutMs = 10_000

/**
 * Waits until a Redis of our own answers.
 *
 * @param gone why it cannot answer any more, once that is so.
 * @returns false when it did not answer in time or has ended.
 */
export async function answersPing(
  address: { readonly host: string; readonly port: number; readonly password: string },
  gone: () => boolean,
  signal: AbortSignal,
): Promise<boolean> {
  for (const giveUpAtMs = performance.now() + readyTimeoutMs; performance.now() < giveUpAtMs; ) {
    signal.throwIfAborted()
    if (await pingOnce(address)) return true
    if (gone()) return false
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return false
}

/** `AUTH` and `PING` as inline commands, which the protocol has for exactly this: no client library needed. */
function pingOnce({ host, port, password }: { host: string; port: number; password: string }): Promise<boolean> {
  return new Promise((resolve) => {
    let answer = ''
    const socket = connect({ host, port, timeout: 1000 })
    const end = (good: boolean): void => {
      socket.destroy()
      resolve(good)
    }
    socket.once('connect', () => socket.write(`AUTH ${password}\r\nPING\r\n`))
    socket.on('data', (chunk: Buffer) => {
      answer += chunk.toString('latin1')
      if (answer.includes('+PONG')) end(true)
      else if (answer.startsWith('-')) end(false)
    })
    socket.once('timeout', () => end(false))
    socket.once('error', () => end(false))
    socket.once('close', () => end(false))
  })
}
