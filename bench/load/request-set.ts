import type { BadKind } from '../record/slice.ts'
import type { Random } from '../statistics/random.ts'

/**
 * The prebuilt requests of one variant against one server, and each connection's own walk through them: every request
 * is a ready buffer per user, each connection draws its own sequence of users, so that no two march in lockstep.
 */
export interface RequestSet {
  /** Index: userId - 1; behind the last user those that have to be refused, in the order of `badKinds`. */
  readonly requests: readonly Buffer[]
  /** How many of the requests are good. */
  readonly goodRequests: number
  /** What each request behind the good ones carries. */
  readonly badKinds: readonly BadKind[]
  /** Index: userId - 1. The bytes expected as the body. */
  readonly expectedBodies: readonly string[]
  /** One sequence of indexes of requests per connection. */
  readonly sequences: readonly Uint32Array[]
}

/** One and the same good request on so many connections, to servers that answer everybody alike. */
export const oneRequestOn = (connections: number, host: string, expectedBody: string): RequestSet => ({
  requests: [requestBytes(host, {})],
  goodRequests: 1,
  badKinds: [],
  expectedBodies: [expectedBody],
  sequences: Array.from({ length: connections }, () => Uint32Array.of(0)),
})

/** The bytes of `GET /me` with the given headers (lower-case names). */
export function requestBytes(host: string, headers: Readonly<Record<string, string>>): Buffer {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  return Buffer.from(`GET /me HTTP/1.1\r\nhost: ${host}\r\nconnection: keep-alive\r\n${lines.join('')}\r\n`, 'latin1')
}

/**
 * A walk with requests that have to be refused in place of some good ones: exactly this share of the places of a walk, drawn
 * anew for each, the kinds as often as one another. The good ones that remain are those of the walk without them.
 *
 * @param walk indexes of good requests
 * @param goodRequests how many good requests there are: the index of the first bad one
 */
export function mixBadRequests(
  walk: Uint32Array,
  { goodRequests, badKinds }: Pick<RequestSet, 'goodRequests' | 'badKinds'>,
  share: number,
  random: Random,
): Uint32Array {
  const sequence = walk.slice()
  const byKind = [...new Set(badKinds)].map((kind) => [...badKinds.keys()].filter((index) => badKinds[index] === kind))
  const places = Uint32Array.from(sequence.keys())
  const wanted = byKind.length === 0 ? 0 : Math.round(share * sequence.length)
  for (let drawn = 0; drawn < wanted; drawn++) {
    const other = drawn + random.below(places.length - drawn)
    const place = places[other] ?? 0
    places[other] = places[drawn] ?? 0
    const indexes = byKind[drawn % byKind.length] ?? []
    sequence[place] = goodRequests + (indexes[random.below(indexes.length)] ?? 0)
  }
  return sequence
}
