import type { FastifyRequest } from 'fastify'
import { duplicateCookie, readCookie } from '../../app/read-cookie.ts'
import type { CredentialCookie, IssuedCredentials, Refusal, Strategy } from '../../contract/strategy.ts'
import { maximumCredentialLength } from '../../contract/token-claims.ts'
import { accessCookieName } from '../jwt.ts'

const refreshCookieName = '__Secure-authcost-refresh'

export interface Tokens {
  readonly access: string
  readonly accessLifetimeS: number
  readonly refresh: string
  /** Until the family of the refresh token ends, seconds. */
  readonly familyLifetimeS: number
}

/** How tokens come and go. Each reads one place only: a token in another place is not there. */
export interface Transport {
  readAccess(request: FastifyRequest): string | Refusal
  readRefresh(request: FastifyRequest): string | Refusal
  requestHeaders(accessToken: string): Readonly<Record<string, string>>
  issued(tokens: Tokens): IssuedCredentials
  readonly cookies: Strategy['cookies']
}

const missing: Refusal = { refused: 'missing' }
const malformed: Refusal = { refused: 'malformed' }

function readTokenCookie(request: FastifyRequest, name: string): string | Refusal {
  const value = readCookie(request.headers.cookie, name)
  if (value === undefined || value === '') return missing
  return value === duplicateCookie || value.length > maximumCredentialLength ? malformed : value
}

/** The tokens in cookies that no script can read; the refresh token's goes to `/token` and nowhere else. */
const cookieTransport: Transport = {
  readAccess: (request) => readTokenCookie(request, accessCookieName),
  readRefresh: (request) => readTokenCookie(request, refreshCookieName),
  requestHeaders: (accessToken) => ({ cookie: `${accessCookieName}=${accessToken}` }),
  issued(tokens) {
    const cookies: CredentialCookie[] = [
      // Kept as long as the family: a logout with an expired token must still say which family to end.
      { name: accessCookieName, value: tokens.access, path: '/', sameSite: 'lax', maxAgeS: tokens.familyLifetimeS },
      {
        name: refreshCookieName,
        value: tokens.refresh,
        path: '/token',
        sameSite: 'strict',
        maxAgeS: tokens.familyLifetimeS,
      },
    ]
    return { cookies, requestHeaders: this.requestHeaders(tokens.access) }
  },
  cookies: [
    { name: accessCookieName, path: '/', sameSite: 'lax' },
    { name: refreshCookieName, path: '/token', sameSite: 'strict' },
  ],
}

/** RFC 6750: the scheme's name in any case, one space, the token. */
const bearerPattern = /^Bearer ([A-Za-z0-9._~+/=-]+)$/i

/** The tokens in bodies and the Authorization header, for clients that keep them themselves. */
const bearerTransport: Transport = {
  readAccess(request) {
    const header = request.headers.authorization
    if (header === undefined) return missing
    if (header.length > maximumCredentialLength + 7) return malformed
    return bearerPattern.exec(header)?.[1] ?? malformed
  },
  readRefresh(request) {
    const body = request.body
    if (typeof body !== 'object' || body === null || !('refresh_token' in body)) return missing
    return typeof body.refresh_token === 'string' ? body.refresh_token : malformed
  },
  requestHeaders: (accessToken) => ({ authorization: `Bearer ${accessToken}` }),
  issued(tokens) {
    return {
      cookies: [],
      requestHeaders: this.requestHeaders(tokens.access),
      tokenResponse: {
        access_token: tokens.access,
        token_type: 'Bearer',
        expires_in: tokens.accessLifetimeS,
        refresh_token: tokens.refresh,
      },
    }
  },
  cookies: [],
}

export const transports: Readonly<Record<'cookie' | 'bearer', Transport>> = {
  cookie: cookieTransport,
  bearer: bearerTransport,
}
