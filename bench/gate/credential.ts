import type { CredentialTraits } from '../../servers/contract/strategy.ts'

export type RequestHeaders = Readonly<Record<string, string>>
type Carrier = CredentialTraits['carrier']

/** The credential within request headers: a cookie's value, or a header's value without its scheme. */
export function credentialOf(headers: RequestHeaders, carrier: Carrier): string | undefined {
  if (carrier.kind === 'cookie') {
    for (const pair of (headers.cookie ?? '').split(';')) {
      const at = pair.indexOf('=')
      if (at > 0 && pair.slice(0, at).trim() === carrier.name) return pair.slice(at + 1).trim()
    }
    return undefined
  }
  const value = headers[carrier.name.toLowerCase()]
  if (value === undefined || carrier.scheme === undefined) return value
  const prefix = `${carrier.scheme} `
  return value.startsWith(prefix) ? value.slice(prefix.length) : undefined
}

/** The same request headers without the cookie of this name. */
export function withoutCookie({ cookie = '', ...others }: RequestHeaders, name: string): RequestHeaders {
  const left = cookie.split(';').filter((pair) => pair.split('=', 1)[0]?.trim() !== name)
  const joined = left.join(';').trim()
  return joined === '' ? others : { ...others, cookie: joined }
}

/**
 * Request headers that carry these credentials in place of the good one. With more than one a cookie is repeated, and
 * lines of a header become one (RFC 9110 section 5.3), as proxies join them.
 */
export function headersCarrying(carrier: Carrier, ...credentials: readonly string[]): RequestHeaders {
  if (carrier.kind === 'cookie') {
    return { cookie: credentials.map((credential) => `${carrier.name}=${credential}`).join('; ') }
  }
  return { [carrier.name.toLowerCase()]: credentials.map((credential) => schemed(carrier, credential)).join(', ') }
}

/**
 * A header in two lines: its name is spelled in two ways, which are one to whoever receives them (RFC 9110 section 5.1).
 * Undefined for a cookie.
 */
export function headersInTwoLines(carrier: Carrier, first: string, second: string): RequestHeaders | undefined {
  if (carrier.kind === 'cookie') return undefined
  const { name } = carrier
  return { [name.toLowerCase()]: schemed(carrier, first), [name.toUpperCase()]: schemed(carrier, second) }
}

const schemed = ({ scheme }: Extract<Carrier, { kind: 'header' }>, credential: string): string =>
  scheme === undefined ? credential : `${scheme} ${credential}`

/** Another string of the same shape: letters and digits drawn anew, everything else where it was. */
export function sameShape(credential: string, randomByte: () => number): string {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
  return credential.replace(/[A-Za-z0-9]/g, (character) =>
    /[0-9]/.test(character) ? String(randomByte() % 10) : (letters[randomByte() % letters.length] ?? 'A'),
  )
}

/** The string with one character in its middle exchanged for another of the same kind. */
export function oneCharacterChanged(credential: string): string {
  const middle = Math.floor(credential.length / 2)
  const offset = credential.slice(middle).search(/[A-Za-z0-9]/)
  const at = offset === -1 ? 0 : middle + offset
  return `${credential.slice(0, at)}${credential[at] === 'A' ? 'B' : 'A'}${credential.slice(at + 1)}`
}
