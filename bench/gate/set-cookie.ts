/** A `Set-Cookie` line, as far as a client without a clock needs it. */
export interface SetCookie {
  readonly name: string
  readonly value: string
  readonly path: string
  /** Whether the client is to drop it. */
  readonly deletes: boolean
}

export function readSetCookie(line: string): SetCookie {
  const [pair = '', ...attributes] = line.split(';').map((part) => part.trim())
  const at = pair.indexOf('=')
  const attribute = (wanted: string): string | undefined =>
    attributes.find((one) => one.toLowerCase().startsWith(`${wanted}=`))?.slice(wanted.length + 1)
  return {
    name: pair.slice(0, at),
    value: pair.slice(at + 1),
    path: attribute('path') ?? '/',
    deletes: attribute('max-age') === '0',
  }
}

/** Whether a cookie of this path is sent to `path` (RFC 6265 section 5.1.4). */
export const isSentTo = (path: string, of: string): boolean =>
  path === of || (path.startsWith(of) && (of.endsWith('/') || path[of.length] === '/'))
