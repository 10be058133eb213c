import { Pool } from 'undici'
import { AuthcostError } from '../../contract/errors.ts'
import type { Identity } from '../../contract/identity.ts'
import { tokenIssuer } from '../../contract/token-claims.ts'
import { clientAuthorization } from './client-authentication.ts'

/** What the auth service said of a token that is good. */
export interface Introspected {
  readonly identity: Identity
  /** End of the token, milliseconds since the epoch. */
  readonly expiresAtMs: number
}

/** Asks an auth service about tokens, over connections that stay open. */
export interface IntrospectionClient {
  /**
   * @returns undefined for a token that is not active, has ended, or is another issuer's.
   * @throws {AuthcostError} `introspection.unavailable` when there is no answer, or none that can be understood.
   */
  introspect(token: string): Promise<Introspected | undefined>
  close(): Promise<void>
}

/** An auth service on the same machine or network answers in milliseconds; a request must not wait for long. */
const timeoutMs = 2000

/**
 * Questions at once, waiting ones included: where a service is silent, the queue must not grow for as long as requests
 * come. Above the most connections of a plan (4,096), each of which asks one: no closed loop is refused for its width.
 */
export const mostQuestions = 5000

export function introspectionClient(options: {
  readonly url: string
  readonly clientSecret: string
  readonly connections: number
  readonly now: () => number
}): IntrospectionClient {
  const pool = new Pool(options.url, {
    connections: options.connections,
    connectTimeout: timeoutMs,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    keepAliveTimeout: 60_000,
  })
  const headers = {
    authorization: clientAuthorization(options.clientSecret),
    'content-type': 'application/x-www-form-urlencoded',
    accept: 'application/json',
  }
  let asking = 0
  return {
    async introspect(token) {
      if (asking >= mostQuestions) throw unavailable(`${asking} questions wait for it already`)
      asking++
      try {
        const answer = await pool
          .request({ method: 'POST', path: '/introspect', headers, body: `token=${encodeURIComponent(token)}` })
          .then(async ({ statusCode, body }) => ({ statusCode, text: await body.text() }))
          .catch((cause: unknown) => Promise.reject(unavailable('it did not answer', cause)))
        if (answer.statusCode !== 200) throw unavailable(`it answered ${answer.statusCode}`)
        return readAnswer(answer.text, options.now())
      } finally {
        asking--
      }
    },
    close: () => pool.close(),
  }
}

/** Believes an answer only as far as it is complete: whatever is missing or of another type makes it no answer. */
function readAnswer(text: string, nowMs: number): Introspected | undefined {
  let answer: unknown
  try {
    answer = JSON.parse(text)
  } catch (cause) {
    throw unavailable('its answer is no JSON', cause)
  }
  if (typeof answer !== 'object' || answer === null || !('active' in answer) || typeof answer.active !== 'boolean') {
    throw unavailable('its answer does not say whether the token is active')
  }
  if (!answer.active) return undefined
  if (
    !('sub' in answer && typeof answer.sub === 'string' && /^[1-9]\d{0,9}$/.test(answer.sub)) ||
    !('username' in answer && typeof answer.username === 'string') ||
    !('role' in answer && typeof answer.role === 'string') ||
    !('exp' in answer && typeof answer.exp === 'number')
  ) {
    throw unavailable('its answer lacks a claim that is needed')
  }
  if (!('iss' in answer) || answer.iss !== tokenIssuer || answer.exp * 1000 <= nowMs) return undefined
  const { sub, username, role, exp } = answer
  return { identity: { userId: Number(sub), username, role }, expiresAtMs: exp * 1000 }
}

const unavailable = (why: string, cause?: unknown): AuthcostError =>
  new AuthcostError('introspection.unavailable', `The auth service could not be asked: ${why}. Check that it runs.`, {
    cause,
  })
