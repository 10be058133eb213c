import { randomBytes } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { readCookie } from '../../app/read-cookie.ts'
import { AuthcostError } from '../../contract/errors.ts'
import type { Identity } from '../../contract/identity.ts'
import type { AuthResult, RefusalReason, Strategy, StrategyContext } from '../../contract/strategy.ts'
import { readSeeding } from '../../database/seed.ts'
import { seededSessionId, seededSessionNumber } from '../../database/seeded-session.ts'
import { deleteSession, hashSessionId, insertSession, lookUpSession } from '../../database/sessions.ts'

const cookieName = '__Host-authcost-session'
/** 32 bytes in base64url. Anything else cannot be an id: the database is not asked. */
const idPattern = /^[A-Za-z0-9_-]{43}$/
const idBytes = 32

const cookieHeader = (id: string): Readonly<Record<string, string>> => ({ cookie: `${cookieName}=${id}` })

/** The id a request carries, or why it carries none. */
function readSessionId(request: FastifyRequest): { readonly id: string } | { readonly refused: RefusalReason } {
  const value = readCookie(request.headers.cookie, cookieName)
  if (value === undefined) return { refused: 'missing' }
  if (typeof value !== 'string' || !idPattern.test(value)) return { refused: 'malformed' }
  return { id: value }
}

/** A session looked up on every request: a revoked one is refused by the next. */
export async function createSessionStrategy(
  parameters: { readonly lifetimeS: number },
  { database, secrets }: StrategyContext,
): Promise<Strategy> {
  const toResult = (identity: Identity | undefined): AuthResult => identity ?? { refused: 'invalid' }
  return {
    authenticate(request) {
      const read = readSessionId(request)
      return 'refused' in read ? read : lookUpSession(database, hashSessionId(read.id)).then(toResult)
    },
    async issue(user, { nowMs, lifetimeS }) {
      const id = randomBytes(idBytes).toString('base64url')
      await insertSession(database, { idHash: hashSessionId(id), userId: user.userId, nowMs, lifetimeS })
      return {
        cookies: [{ name: cookieName, value: id, path: '/', sameSite: 'lax', maxAgeS: lifetimeS }],
        requestHeaders: cookieHeader(id),
      }
    },
    async seededCredentials(users) {
      const seeding = await readSeeding(database)
      const secret = secrets.sessionSecret
      if (seeding === undefined || secret === undefined) {
        throw new AuthcostError(
          'session.not-seeded',
          'The database holds no seeded sessions. Prepare it with sessions first.',
        )
      }
      return users.map((user) => {
        const number = seededSessionNumber(user.userId, seeding)
        if (number === undefined) {
          throw new AuthcostError(
            'session.not-seeded',
            `User ${user.userId} has no seeded session: ${seeding.users} users and ${seeding.sessions} sessions are seeded. Seed at least one session a user.`,
          )
        }
        return cookieHeader(seededSessionId(secret, number))
      })
    },
    async revoke(request) {
      const read = readSessionId(request)
      if ('id' in read) await deleteSession(database, hashSessionId(read.id))
    },
    cookies: [{ name: cookieName, path: '/', sameSite: 'lax' }],
    lifetimeS: parameters.lifetimeS,
    async prewarm(connection) {
      await lookUpSession(connection, Buffer.alloc(32))
    },
    close: async () => {},
  }
}
