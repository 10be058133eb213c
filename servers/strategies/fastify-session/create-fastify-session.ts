import { randomBytes } from 'node:crypto'
import cookie, { Signer } from '@fastify/cookie'
import session from '@fastify/session'
import connectPgSimple from 'connect-pg-simple'
import type { FastifyRequest } from 'fastify'
import { AuthcostError } from '../../contract/errors.ts'
import type { Strategy, StrategyContext } from '../../contract/strategy.ts'
import { pgPoolOf } from '../../database/counted-pg-pool.ts'
import { tableState } from '../../database/state-size.ts'
import { type FastifySessionParameters, storeLifetimeS } from '../fastify-session.ts'
import { derivedId, rowsToSeed, sentSession } from '../library/seeded-rows.ts'
import { storedIdentity } from '../library/stored-identity.ts'
import { ensureSessionTable, fillSessionTable, idLength, insertSession, library } from './session-table.ts'

/** The library's default name. */
const cookieName = 'sessionId'
/** Bytes of an id, as the library makes it. */
const idBytes = 24

/** The part of the library's session that is used here; it is null once it has been destroyed. */
interface LibrarySession {
  readonly user?: unknown
  destroy?(): Promise<void>
}

const sessionOf = (request: FastifyRequest): LibrarySession | null => request.getDecorator('session')

/**
 * `@fastify/session` over `connect-pg-simple` with both libraries' defaults. The one option set beside the parameters is
 * `cookie.secure: 'auto'`: with its default (true) the library neither saves nor sends a session over plain HTTP, and a
 * measurement behind no TLS would miss the write that `rolling` costs in production.
 */
export async function createFastifySessionStrategy(
  parameters: FastifySessionParameters,
  { database, secrets }: StrategyContext,
): Promise<Strategy> {
  const { cookieSecret, sessionSecret } = secrets
  if (cookieSecret === undefined || sessionSecret === undefined) {
    throw new AuthcostError('strategy.secrets', 'fastify-session was given no cookieSecret. Create its secrets first.')
  }
  await ensureSessionTable(database)
  const store = new (connectPgSimple(session))({ pool: pgPoolOf(database), errorLog: () => {} })
  const signer = new Signer(cookieSecret)
  const cookieValue = (sid: string): string => encodeURIComponent(signer.sign(sid))
  const headersFor = (sid: string): Readonly<Record<string, string>> => ({
    cookie: `${cookieName}=${cookieValue(sid)}`,
  })

  return {
    async plugin(app) {
      await app.register(cookie)
      await app.register(session, {
        secret: cookieSecret,
        store,
        cookie: { secure: 'auto' },
        rolling: parameters.rolling === 'on',
        saveUninitialized: parameters.saveUninitialized === 'on',
      })
    },
    authenticate(request) {
      return (
        storedIdentity(sessionOf(request)?.user) ?? {
          refused: request.headers.cookie === undefined ? 'missing' : 'invalid',
        }
      )
    },
    async issue(user, { nowMs, lifetimeS }) {
      const sid = randomBytes(idBytes).toString('base64url')
      await insertSession(database, { sid, user, endsMs: nowMs + lifetimeS * 1000 })
      return {
        cookies: [{ name: cookieName, value: cookieValue(sid), path: '/', sameSite: 'lax', maxAgeS: lifetimeS }],
        requestHeaders: headersFor(sid),
      }
    },
    async seededCredentials(users, { nowMs, lifetimeS }) {
      const seeding = await rowsToSeed(database, users.length)
      await fillSessionTable(database, { secret: sessionSecret, seeding, endsMs: nowMs + lifetimeS * 1000 })
      return users.map((user) =>
        headersFor(derivedId(sessionSecret, library, sentSession(user.userId, seeding), idLength)),
      )
    },
    // Destroying also takes the session off the request, so that the library neither saves nor sends it afterwards.
    async revoke(request) {
      await sessionOf(request)?.destroy?.()
    },
    cookies: [{ name: cookieName, path: '/', sameSite: 'lax' }],
    lifetimeS: storeLifetimeS,
    // The library prepares nothing; this only opens the connection and reads the table's catalogue entries.
    async prewarm(connection) {
      await connection.query({ text: 'SELECT sess FROM session WHERE sid = $1 AND expire >= now()', values: [''] })
    },
    measureState: () => tableState(database, 'session', 'session'),
    close: () => store.close(),
  }
}
