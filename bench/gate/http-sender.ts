import { Agent, request } from 'undici'
import type { RequestHeaders } from './credential.ts'

/** A server's answer, as far as the gate looks at it. */
export interface Answer {
  readonly status: number
  readonly body: string
  /** `Set-Cookie` lines. Absent: none. */
  readonly setCookies?: readonly string[]
}

/** Sends one request and waits for the whole answer. */
export type Send = (method: 'GET' | 'POST', path: string, headers: RequestHeaders, body?: string) => Promise<Answer>

/** A request of the gate is one lookup or one verification: a server that needs longer has hung. */
const timeoutMs = 10_000

/** HTTP to one server, a connection each request: what an attack does to a connection must not reach the next. */
export function httpSender(url: string): { readonly send: Send; close(): Promise<void> } {
  const dispatcher = new Agent({ headersTimeout: timeoutMs, bodyTimeout: timeoutMs, connectTimeout: timeoutMs })
  return {
    async send(method, path, headers, body) {
      const answer = await request(new URL(path, url), {
        method,
        headers: { ...headers },
        ...(body === undefined ? {} : { body }),
        dispatcher,
        reset: true,
        signal: AbortSignal.timeout(timeoutMs),
      })
      const lines = answer.headers['set-cookie']
      return {
        status: answer.statusCode,
        body: await answer.body.text(),
        ...(lines === undefined ? {} : { setCookies: [lines].flat() }),
      }
    },
    close: () => dispatcher.destroy(),
  }
}
