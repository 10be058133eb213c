import { z } from 'zod'
import { isSentTo, readSetCookie } from '../../gate/set-cookie.ts'
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
    const { name, value, path, deletes } = readSetCookie(text)
    if (deletes) cookies.delete(name)
    else cookies.set(name, { value, path })
  }
  const tokens = tokenResponse.safeParse(parseJson(answer.body))
  if (!tokens.success) return { ...before, cookies }
  const { access_token: accessToken, refresh_token: refreshToken } = tokens.data
  return { cookies, accessToken, ...(refreshToken === undefined ? {} : { refreshToken }) }
}

/** The headers that a client sends to a path with them (RFC 6265 section 5.1.4, RFC 6750). */
export function headersTo(path: string, { cookies, accessToken }: Credentials): Readonly<Record<string, string>> {
  const sent = [...cookies].filter(([, cookie]) => isSentTo(path, cookie.path))
  return {
    ...(sent.length === 0 ? {} : { cookie: sent.map(([name, { value }]) => `${name}=${value}`).join('; ') }),
    ...(accessToken === undefined ? {} : { authorization: `Bearer ${accessToken}` }),
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
