import secureSession from '@fastify/secure-session'
import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify'
import { AuthcostError } from '../../contract/errors.ts'
import type { Identity } from '../../contract/identity.ts'
import type { IssueOptions, Strategy, StrategyContext } from '../../contract/strategy.ts'
import { storedIdentity } from '../library/stored-identity.ts'
import type { SecureSessionParameters } from '../secure-session.ts'

/** The library's default name. */
const cookieName = 'session'

/** The part of the library's session that is used here. */
interface LibrarySession {
  get(name: string): unknown
}

const sessionOf = (request: FastifyRequest): LibrarySession => request.getDecorator('session')

/** `@fastify/secure-session` as its README registers it with a key: libsodium's secret box around the session. */
export async function createSecureSessionStrategy(
  parameters: SecureSessionParameters,
  { secrets }: StrategyContext,
): Promise<Strategy> {
  const key = Array.from({ length: parameters.keys }, (_, index) => readKey(secrets[`key${index + 1}`]))
  // HttpOnly is the library's default; the rest is as the application sets it at a login, so that a cookie which the
  // library seals anew after a rotation of keys is no weaker.
  const options = { expiry: parameters.expiry, cookie: { path: '/', sameSite: 'lax', secure: true } } as const
  const sealer = await sealerWith(key.slice(-1), options)
  const valueFor = (user: Identity, { nowMs, lifetimeS }: IssueOptions): string => {
    // The library has one expiry for all and counts it from `__ts`: dated back or ahead, the session ends as asked.
    const beganS = Math.round(nowMs / 1000) + Math.round(lifetimeS) - parameters.expiry
    const session = sealer.createSecureSession({
      user: { userId: user.userId, username: user.username, role: user.role },
      __ts: beganS,
    })
    return encodeURIComponent(sealer.encodeSecureSession(session))
  }
  return {
    async plugin(app) {
      await app.register(secureSession, { ...options, key })
    },
    authenticate(request) {
      const identity = storedIdentity(sessionOf(request).get('user'))
      return identity ?? { refused: request.headers.cookie === undefined ? 'missing' : 'invalid' }
    },
    async issue(user, issueOptions) {
      const value = valueFor(user, issueOptions)
      return {
        cookies: [{ name: cookieName, value, path: '/', sameSite: 'lax', maxAgeS: issueOptions.lifetimeS }],
        requestHeaders: { cookie: `${cookieName}=${value}` },
      }
    },
    seededCredentials: async (users, issueOptions) =>
      users.map((user) => ({ cookie: `${cookieName}=${valueFor(user, issueOptions)}` })),
    // Nothing to revoke: a copy of the cookie is good until it expires. The application clears the browser's, or sets
    // another; taken off the request, the old session is not sealed anew and sent after it.
    async revoke(request) {
      request.setDecorator('session', null)
    },
    cookies: [{ name: cookieName, path: '/', sameSite: 'lax' }],
    lifetimeS: parameters.expiry,
    measureState: async () => [],
    close: () => sealer.close(),
  }
}

/** An instance that never listens, for what the library seals with one key while the server knows several. */
async function sealerWith(
  key: Buffer[],
  options: { readonly expiry: number; readonly cookie: { readonly path: string } },
): Promise<FastifyInstance> {
  const sealer = Fastify()
  await sealer.register(secureSession, { ...options, key })
  await sealer.ready()
  return sealer
}

function readKey(hex: string | undefined): Buffer {
  if (hex !== undefined) return Buffer.from(hex, 'hex')
  throw new AuthcostError('strategy.secrets', 'secure-session was given no key. Create its secrets first.')
}
