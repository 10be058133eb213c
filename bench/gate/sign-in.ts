import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { AuthcostError } from '../../servers/contract/errors.ts'
import type { RequestHeaders } from './credential.ts'
import type { Answer } from './http-sender.ts'
import { isSentTo, readSetCookie } from './set-cookie.ts'

/** What a browser or a client holds after a login or a refresh. */
export interface SignedIn {
  /** Headers of a request to `/me`. */
  readonly headers: RequestHeaders
  /** The request to `/token` that renews them; undefined where the server handed out no refresh token. */
  readonly refresh: { readonly headers: RequestHeaders; readonly body?: string } | undefined
}

/** Where the server takes refresh tokens. */
export const tokenPath = '/token'

const json = { 'content-type': 'application/json' }

/** The body and headers of a registration of somebody new. */
export function newcomer(): { readonly headers: RequestHeaders; readonly body: string } {
  const username = `gate-${randomBytes(9).toString('base64url')}`
  return { headers: json, body: JSON.stringify({ username, password: randomBytes(18).toString('base64url') }) }
}

const tokensSchema = z.object({ access_token: z.string(), refresh_token: z.string().optional() })

/**
 * Reads what a login or a refresh handed out: tokens in the body for clients that keep them themselves, else cookies.
 *
 * @param refreshes whether the server takes refresh tokens: a cookie may be one that is sent everywhere.
 */
export function readSignIn({ body, setCookies = [] }: Answer, refreshes: boolean): SignedIn {
  const tokens = tokensSchema.safeParse(parsed(body))
  if (tokens.success) {
    const { access_token: access, refresh_token: refresh } = tokens.data
    return {
      headers: { authorization: `Bearer ${access}` },
      refresh: refresh === undefined ? undefined : { headers: json, body: JSON.stringify({ refresh_token: refresh }) },
    }
  }
  const sentTo = (path: string): string =>
    setCookies
      .map(readSetCookie)
      .filter((cookie) => !cookie.deletes && isSentTo(path, cookie.path))
      .map(({ name, value }) => `${name}=${value}`)
      .join('; ')
  const refresh = refreshes ? sentTo(tokenPath) : ''
  return { headers: { cookie: sentTo('/me') }, refresh: refresh === '' ? undefined : { headers: { cookie: refresh } } }
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}

/**
 * What a refresh was given; undefined where it was refused.
 *
 * @throws {AuthcostError} `gate.refresh` for an answer that is neither.
 */
export function readRefresh(answer: Answer, variant: string): SignedIn | undefined {
  if (answer.status === 401) return undefined
  if (answer.status === 200 || answer.status === 204) return readSignIn(answer, true)
  throw new AuthcostError(
    'gate.refresh',
    `Variant ${variant} answered ${answer.status} to a refresh token (POST ${tokenPath}). It must answer 200 or 204, or refuse with 401.`,
  )
}
