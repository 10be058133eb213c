import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Identity } from '../contract/identity.ts'
import type { CountedDatabase, IssuedCredentials, Strategy } from '../contract/strategy.ts'
import { findUser, insertUser } from '../database/users.ts'
import { serializeCookie } from './credential-cookies.ts'
import { refuseCrossSite } from './cross-site.ts'
import type { Pages } from './pages.ts'
import { hashPassword, verifyPassword } from './passwords.ts'
import { sendProblem, sendRefusal } from './problem.ts'
import { readCredentials } from './read-credentials.ts'

export interface AccountOptions {
  readonly strategy: Strategy
  readonly database: CountedDatabase
  readonly pages: Pages
  readonly challenge: string
  readonly insecureCookies: boolean
  /** Lifetime of what a login hands out where the strategy has none of its own, seconds. */
  readonly lifetimeS: number
  readonly now: () => number
}

const isForm = (request: FastifyRequest): boolean =>
  /^application\/x-www-form-urlencoded\b/i.test(request.headers['content-type'] ?? '')

/** `POST /register`, `/login`, `/logout`, `/token`, as JSON or from a form, behind the cross-site rule. */
export async function registerAccountRoutes(app: FastifyInstance, options: AccountOptions): Promise<void> {
  const { strategy, database, pages } = options
  app.addHook('onRequest', refuseCrossSite)

  const setCookies = (reply: FastifyReply, cookies: IssuedCredentials['cookies']): void => {
    if (cookies.length > 0) {
      reply.header(
        'set-cookie',
        cookies.map((cookie) => serializeCookie(cookie, options.insecureCookies)),
      )
    }
  }
  const clearCookies = (reply: FastifyReply): void =>
    setCookies(
      reply,
      strategy.cookies.map((cookie) => ({ ...cookie, value: '', maxAgeS: 0 })),
    )

  const hand = (reply: FastifyReply, issued: IssuedCredentials): void => {
    reply.header('cache-control', 'no-store')
    if (strategy.send === undefined) setCookies(reply, issued.cookies)
    else strategy.send(reply, issued)
  }
  const signIn = async (
    request: FastifyRequest,
    reply: FastifyReply,
    user: Identity,
    status: number,
  ): Promise<FastifyReply> => {
    // What the browser carried so far ends here: a credential planted before the login is worth nothing after it.
    await strategy.revoke(request)
    const issued = await strategy.issue(user, {
      nowMs: options.now(),
      lifetimeS: strategy.lifetimeS ?? options.lifetimeS,
    })
    hand(reply, issued)
    if (isForm(request)) return reply.redirect('/', 303)
    return reply
      .code(status)
      .send({ userId: user.userId, username: user.username, role: user.role, ...issued.tokenResponse })
  }
  const complain = (
    request: FastifyRequest,
    reply: FastifyReply,
    status: number,
    code: string,
    detail: string,
  ): FastifyReply => {
    if (isForm(request)) return pages.sendSignIn(reply, status, detail)
    if (status === 401) reply.header('www-authenticate', options.challenge)
    sendProblem(reply, status, code, detail)
    return reply
  }

  app.post('/register', async (request, reply) => {
    const read = readCredentials(request.body, 'registration')
    if ('problem' in read) return complain(request, reply, 400, 'malformed', read.problem)
    const passwordHash = await hashPassword(read.input.password)
    const user = await insertUser(database, { username: read.input.username, passwordHash })
    // Says that the name is taken: a register form cannot keep that secret without sending mail.
    if (user === undefined) return complain(request, reply, 409, 'name-taken', 'This username is taken.')
    return signIn(request, reply, user, 201)
  })

  app.post('/login', async (request, reply) => {
    const read = readCredentials(request.body, 'login')
    if ('problem' in read) return complain(request, reply, 400, 'malformed', read.problem)
    const found = await findUser(database, read.input.username)
    if (!(await verifyPassword(read.input.password, found?.passwordHash)) || found === undefined) {
      return complain(request, reply, 401, 'wrong-login', 'Wrong username or password.')
    }
    return signIn(request, reply, found.identity, 200)
  })

  app.post('/logout', async (request, reply) => {
    await strategy.revoke(request)
    clearCookies(reply)
    reply.header('cache-control', 'no-store')
    return isForm(request) ? reply.redirect('/', 303) : reply.code(204).send()
  })

  app.post('/token', async (request, reply) => {
    if (strategy.refresh === undefined) {
      return complain(request, reply, 404, 'not-found', 'This strategy has no refresh tokens.')
    }
    const issued = await strategy.refresh(request)
    if ('refused' in issued) {
      clearCookies(reply)
      if (isForm(request)) return pages.sendSignIn(reply, 401, 'This sign-in has ended. Sign in again.')
      sendRefusal(reply, issued.refused, options.challenge)
      return reply
    }
    hand(reply, issued)
    if (isForm(request)) return reply.redirect('/', 303)
    return issued.tokenResponse === undefined ? reply.code(204).send() : reply.send(issued.tokenResponse)
  })
}
