import { z } from 'zod'

const jsonObject = z.record(z.string(), z.unknown())
export type JsonObject = z.infer<typeof jsonObject>

/** A compact JWS taken apart (RFC 7515 section 7.1), nothing verified. */
export interface Token {
  readonly header: JsonObject
  readonly claims: JsonObject
  readonly signature: string
  /** `header.payload` as it was signed. */
  readonly signed: string
}

/** Takes a compact JWS apart; undefined where it is none. */
export function parseToken(credential: string): Token | undefined {
  const [header, payload, signature, ...rest] = credential.split('.')
  if (header === undefined || payload === undefined || signature === undefined || rest.length > 0) return undefined
  try {
    return {
      header: jsonObject.parse(JSON.parse(Buffer.from(header, 'base64url').toString())),
      claims: jsonObject.parse(JSON.parse(Buffer.from(payload, 'base64url').toString())),
      signature,
      signed: `${header}.${payload}`,
    }
  } catch {
    return undefined
  }
}

/** JSON in base64url, as a part of a compact JWS. */
export const encodePart = (value: JsonObject): string => Buffer.from(JSON.stringify(value)).toString('base64url')

/** The base64url string with the first bit of its first byte turned over: still well-formed, and another value. */
export function firstBitFlipped(part: string): string {
  const bytes = Buffer.from(part, 'base64url')
  bytes[0] = (bytes[0] ?? 0) ^ 0x80
  return bytes.toString('base64url')
}

/** The `alg` of a header; empty where it is no string. */
export const algorithmOf = (header: JsonObject): string => (typeof header.alg === 'string' ? header.alg : '')
