import { z } from 'zod'
import type { CallsResult } from '../../load/protocol.ts'

export type CallAnswer = CallsResult['answers'][number]

interface Cookie {
  readonly value: string
  readonly path: string
}

/** What a client keeps of a sign-in: cookies with their paths, or tokens of the body. Never written anywhere. */
export interface Credentials {
  readonly cookies: ReadonlyMap<string, Cookie>
  readonly accessToken?: string
  readonly refreshToken?: string
}

export const noCredentials: Credentials = { cookies: new Map() }

const tokenResponse = z.object({ access_token: z.string(), refresh_token: z.string().optional() })

/** The credentials after an answer, as a client keeps them: what it sets takes the place of what was there. */
export function after(before: Credentials, answer: CallAnswer): Credentials {
  const cookies = new Map(before.cookies)
  for (const text of answer.cookies) {
    const [pair = '', ...attributes] = text.split(';').map((part) => part.trim())
    const at = pair.indexOf('=')
    const name = pair.slice(0, at)
    const attribute = (wanted: string): string | undefined =>
      attributes.find((one) => one.toLowerCase().startsWith(`${wanted}=`))?.slice(wanted.length + 1)
    if (attribute('max-age') === '0') cookies.delete(name)
    else cookies.set(name, { value: pair.slice(at + 1), path: attribute('path') ?? '/' })
  }
  const tokens = tokenResponse.safeParse(parseJson(answer.body))
  if (!tokens.success) return { ...before, cookies }
  const { access_token: accessToken, refresh_token: refreshToken } = tokens.data
  return { cookies, accessToken, ...(refreshToken === undefined ? {} : { refreshToken }) }
}

/** The headers that a client sends to a path with them (RFC 6265 section 5.1.4, RFC 6750). */
export function headersTo(path: string, { cookies, accessToken }: Credentials): Readonly<Record<string, string>> {
  const sent = [...cookies].filter(([, cookie]) => matches(path, cookie.path))
  return {
    ...(sent.length === 0 ? {} : { cookie: sent.map(([name, { value }]) => `${name}=${value}`).join('; ') }),
    ...(accessToken === undefined ? {} : { authorization: `Bearer ${accessToken}` }),
  }
}

const matches = (path: string, of: string): boolean =>
  path === of || (path.startsWith(of) && (of.endsWith('/') || path[of.length] === '/'))

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
