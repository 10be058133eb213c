import { createAuthEndpoint } from 'better-auth/api'
import { setCookieCache } from 'better-auth/cookies'
import type { Identity } from '../../contract/identity.ts'
import { authEmail, authUserId } from './auth-tables.ts'
import { dataCookie } from './cookie-names.ts'
import { cookiesOf } from './set-cookies.ts'

/**
 * The value of the cached cookie as the library's own sign-in sets it: of what has just been written, without a query.
 * The user's two times are those of the login: what the application knows of a user holds none.
 */
export async function dataCookieOf(
  auth: { readonly $context: Promise<object> },
  { token, user, nowMs, endsMs }: { token: string; user: Identity; nowMs: number; endsMs: number },
): Promise<string | undefined> {
  const now = new Date(nowMs)
  const times = { createdAt: now, updatedAt: now }
  const id = authUserId(user.userId)
  const session = { id: token, token, userId: id, expiresAt: new Date(endsMs), ...times, ipAddress: '', userAgent: '' }
  const { userId, username: name, role } = user
  const known = { id, name, email: authEmail(userId), emailVerified: false, image: null, ...times, userId, role }
  const endpoint = createAuthEndpoint.serverOnly({ method: 'POST' }, (context) =>
    setCookieCache(context, { session, user: known }, false),
  )
  const { headers } = await endpoint({ context: { ...(await auth.$context) }, returnHeaders: true })
  return cookiesOf(headers).find(({ name: cookie }) => cookie === dataCookie)?.value
}
