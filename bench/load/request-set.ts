/**
 * The prebuilt requests of one variant against one server, and each connection's own walk through them: every request
 * is a ready buffer per user, each connection draws its own sequence of users, so that no two march in lockstep.
 */
export interface RequestSet {
  /** Index: userId - 1. */
  readonly requests: readonly Buffer[]
  /** Index: userId - 1. The bytes expected as the body. */
  readonly expectedBodies: readonly string[]
  /** One sequence of user indexes (userId - 1) per connection. */
  readonly sequences: readonly Uint32Array[]
}

/** How many requests a connection sends before its sequence begins anew. */
export const sequenceLength = 4096

/** The bytes of `GET /me` with the given headers (lower-case names). */
export function requestBytes(host: string, headers: Readonly<Record<string, string>>): Buffer {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  return Buffer.from(`GET /me HTTP/1.1\r\nhost: ${host}\r\nconnection: keep-alive\r\n${lines.join('')}\r\n`, 'latin1')
}
