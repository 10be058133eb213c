import { randomBytes } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { betterAuth } from 'better-auth'
import { makeSignature } from 'better-auth/crypto'
import { fromNodeHeaders } from 'better-auth/node'
import type { FastifyRequest } from 'fastify'
import { AuthcostError } from '../../contract/errors.ts'
import type { Identity } from '../../contract/identity.ts'
import type { AuthResult, CredentialCookie, Strategy, StrategyContext } from '../../contract/strategy.ts'
import { pgPoolOf } from '../../database/counted-pg-pool.ts'
import { tableState } from '../../database/state-size.ts'
import type { BetterAuthParameters } from '../better-auth.ts'
import { derivedId, rowsToSeed, sentSession } from '../library/seeded-rows.ts'
import { storedIdentity } from '../library/stored-identity.ts'
import { authOptions } from './auth-options.ts'
import {
  changeAuthUser,
  deleteAuthUser,
  ensureAuthTables,
  ensureAuthUser,
  fillAuthTables,
  insertAuthSession,
  library,
  tableNames,
  tokenLength,
} from './auth-tables.ts'
import { dataCookie, tokenCookie } from './cookie-names.ts'
import { dataCookieOf } from './data-cookie.ts'
import { cookiesOf } from './set-cookies.ts'

/** The library's default lifetime of a session, and the one under which it renews a session on use, seconds. */
const sessionLifetimeS = 604_800

/** Requests in flight while the cached cookies of many users are made. */
const batchSize = 64

/** Set-Cookie values that getSession wants sent with the answer. */
const pendingCookies = 'betterAuthCookies'

/**
 * better-auth as its documentation puts it into Fastify: `auth.api.getSession` on each request, and the cookies it sets
 * sent with the answer. Accounts and passwords stay with the application, so that `/login` costs what it does elsewhere.
 */
export async function createBetterAuthStrategy(
  parameters: BetterAuthParameters,
  { database, secrets, periodMs }: StrategyContext,
): Promise<Strategy> {
  const { authSecret: secret, sessionSecret } = secrets
  if (secret === undefined || sessionSecret === undefined) {
    throw new AuthcostError('strategy.secrets', 'better-auth was given no authSecret. Create its secrets first.')
  }
  const pool = pgPoolOf(database)
  const authWith = (cacheMaxAgeS: number) => betterAuth(authOptions(parameters, { pool, secret, cacheMaxAgeS }))
  await ensureAuthTables(database, authOptions(parameters, { pool, secret, cacheMaxAgeS: parameters.cacheMaxAgeS }))
  const cacheMaxAgeS = periodMs === undefined ? parameters.cacheMaxAgeS : Math.ceil(periodMs / 1000)
  const auth = authWith(cacheMaxAgeS)

  const signedToken = async (token: string): Promise<string> =>
    encodeURIComponent(`${token}.${await makeSignature(token, secret)}`)

  /** The cookies a browser has after the library answered its first request with this session. */
  const headersFor = async (token: string, from: typeof auth): Promise<Readonly<Record<string, string>>> => {
    const cookie = `${tokenCookie}=${await signedToken(token)}`
    if (parameters.cookieCache === 'off') return { cookie }
    const { headers } = await from.api.getSession({ headers: new Headers({ cookie }), returnHeaders: true })
    const data = cookiesOf(headers).find(({ name, value }) => name === dataCookie && value !== '')
    return { cookie: data === undefined ? cookie : `${cookie}; ${dataCookie}=${data.value}` }
  }

  // Looking up the first token, the library also checks its tables: that belongs to no request.
  const nobody = new Headers({ cookie: `${tokenCookie}=${await signedToken('0'.repeat(tokenLength))}` })
  await auth.api.getSession({ headers: nobody })

  const sessionOf = (headers: IncomingHttpHeaders) =>
    auth.api.getSession({ headers: fromNodeHeaders(headers), returnHeaders: true })

  let hits = 0
  let misses = 0
  /** A cached cookie that was not there or not fresh is made anew with the answer. */
  const countCache = (setCookies: readonly string[]): void => {
    if (setCookies.some((line) => line.startsWith(`${dataCookie}=`))) misses++
    else hits++
  }

  const decide = (
    request: FastifyRequest,
    { headers, response }: Awaited<ReturnType<typeof sessionOf>>,
  ): AuthResult => {
    const cookies = headers.getSetCookie()
    if (cookies.length > 0) request.setDecorator(pendingCookies, cookies)
    const user = response?.user
    if (user !== undefined) countCache(cookies)
    if (user === undefined) return { refused: request.headers.cookie === undefined ? 'missing' : 'invalid' }
    return storedIdentity({ userId: user.userId, username: user.name, role: user.role }) ?? { refused: 'malformed' }
  }

  return {
    async plugin(app) {
      app.decorateRequest(pendingCookies, null)
      app.addHook('onSend', (request, reply, _payload, done) => {
        const cookies: readonly string[] | null = request.getDecorator(pendingCookies)
        if (cookies !== null) reply.header('set-cookie', cookies)
        done()
      })
    },
    async authenticate(request): Promise<AuthResult> {
      try {
        return decide(request, await sessionOf(request.headers))
      } catch (error) {
        // Over a cached cookie that cannot be decoded the library throws at every request: without it the token is looked up.
        const cookie = withoutCache(request.headers.cookie)
        if (cookie === request.headers.cookie) throw error
        return decide(request, await sessionOf({ ...request.headers, cookie }))
      }
    },
    async issue(user: Identity, { nowMs, lifetimeS }) {
      const session = { token: randomBytes(24).toString('base64url'), user, nowMs, endsMs: nowMs + lifetimeS * 1000 }
      await ensureAuthUser(database, user)
      await insertAuthSession(database, session)
      const value = await signedToken(session.token)
      const data = parameters.cookieCache === 'off' ? undefined : await dataCookieOf(auth, session)
      const cookies: readonly CredentialCookie[] = [
        { name: tokenCookie, value, path: '/', sameSite: 'lax', maxAgeS: lifetimeS },
        ...(data === undefined
          ? []
          : [{ name: dataCookie, value: data, path: '/', sameSite: 'lax', maxAgeS: cacheMaxAgeS } as const]),
      ]
      const cookie = cookies.map((one) => `${one.name}=${one.value}`).join('; ')
      return { cookies, requestHeaders: { cookie } }
    },
    async seededCredentials(users, { nowMs, lifetimeS }) {
      const seeding = await rowsToSeed(database, users.length)
      // A session that ends sooner than a new one would by a day is renewed on use: that would be measured as writes.
      const endsMs = nowMs + Math.max(lifetimeS, sessionLifetimeS) * 1000
      await fillAuthTables(database, { secret: sessionSecret, seeding, endsMs })
      const longLived = authWith(Math.ceil(lifetimeS))
      const headers: Readonly<Record<string, string>>[] = []
      for (let from = 0; from < users.length; from += batchSize) {
        const tokens = users
          .slice(from, from + batchSize)
          .map((user) => derivedId(sessionSecret, library, sentSession(user.userId, seeding), tokenLength))
        headers.push(...(await Promise.all(tokens.map((token) => headersFor(token, longLived)))))
      }
      return headers
    },
    async revoke(request) {
      await auth.api.signOut({ headers: fromNodeHeaders(request.headers) })
    },
    userChanged: (user) => changeAuthUser(database, user),
    userDeleted: (userId) => deleteAuthUser(database, userId),
    cookies: [
      { name: tokenCookie, path: '/', sameSite: 'lax' },
      { name: dataCookie, path: '/', sameSite: 'lax' },
    ],
    lifetimeS: sessionLifetimeS,
    // The library prepares nothing; this only opens the connection.
    async prewarm(connection) {
      await connection.query({ text: 'SELECT 1', values: [] })
    },
    ...(parameters.cookieCache === 'off' ? {} : { counters: () => ({ cacheHits: hits, cacheMisses: misses }) }),
    measureState: () => tableState(database, tableNames.session, 'session'),
    close: async () => {},
  }
}

const withoutCache = (cookie: string | undefined): string | undefined =>
  cookie
    ?.split(';')
    .filter((pair) => !pair.trim().startsWith(dataCookie))
    .join(';')
