import { connect } from 'node:net'
import { requestBytes } from '../load/request-set.ts'
import type { WireBytes } from '../record/state.ts'
import type { RequestHeaders } from './credential.ts'

const timeoutMs = 10_000
const headEnd = '\r\n\r\n'

/** Bytes of one request as the driver sends it, and of its answer. */
export type OneExchange = Omit<WireBytes, 'variant' | 'requests'>

/**
 * Sends one request the way the driver does and counts what comes back, in front of the body and in it.
 *
 * @param url `http://127.0.0.1:<port>`
 */
export function exchangeBytes(url: string, headers: RequestHeaders): Promise<OneExchange> {
  const { hostname, port, host } = new URL(url)
  const request = requestBytes(host, headers)
  return new Promise((resolve, reject) => {
    let answer = ''
    const socket = connect({ host: hostname, port: Number(port) })
    const fail = (why: string): void => {
      socket.destroy()
      reject(new Error(`The size of an answer could not be read: ${why}.`))
    }
    socket.setTimeout(timeoutMs, () => fail('none came in time'))
    socket.once('error', (error) => fail(error.message))
    socket.once('close', () => fail('the connection ended before it'))
    socket.once('connect', () => socket.write(request))
    socket.on('data', (chunk: Buffer) => {
      answer += chunk.toString('latin1')
      const end = answer.indexOf(headEnd)
      if (end === -1) return
      const responseHeaderBytes = end + headEnd.length
      const responseBodyBytes = Number(/^content-length: *(\d+) *$/im.exec(answer.slice(0, end))?.[1] ?? Number.NaN)
      if (Number.isNaN(responseBodyBytes)) return fail('it does not tell the length of its body')
      if (answer.length < responseHeaderBytes + responseBodyBytes) return
      resolve({ requestHeaderBytes: request.length, responseHeaderBytes, responseBodyBytes })
      socket.destroy()
    })
  })
}
