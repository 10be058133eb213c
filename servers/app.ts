import formbody from '@fastify/formbody'
import fastify, { type FastifyError, type FastifyInstance } from 'fastify'
import { registerAccountRoutes } from './app/account-routes.ts'
import { dropSecure, restoreCookieNames } from './app/credential-cookies.ts'
import { createPages } from './app/pages.ts'
import { busyCode } from './app/passwords.ts'
import { challengeFor, sendProblem } from './app/problem.ts'
import { registerProtectedEndpoint, stampFirstHook } from './app/protected-endpoint.ts'
import type { RequestCounters } from './app/request-counters.ts'
import { AuthcostError } from './contract/errors.ts'
import type { CountedDatabase, ResolvedVariant, Strategy } from './contract/strategy.ts'

export interface AppOptions {
  readonly variant: ResolvedVariant
  readonly strategy: Strategy
  readonly database: CountedDatabase
  readonly counters: RequestCounters
  /** Names without prefix, no Secure: for browsers on loopback without TLS. */
  readonly insecureCookies: boolean
  readonly logRequests: boolean
  /** Lifetime of what a login hands out where the strategy has none of its own, seconds. */
  readonly lifetimeS: number
  /** How long a connection may stay open without a request; absent: Fastify's own default. */
  readonly keepAliveTimeoutMs?: number
  /** Milliseconds since the epoch. */
  readonly now?: () => number
}

const bodyLimitBytes = 16_384
/**
 * To receive one whole request in; Fastify sets no limit. Without it a client that sends a byte now and then holds a
 * connection for ever. Node's own limit for the headers is as long.
 */
const requestTimeoutMs = 60_000

/** Codes of errors that say that something a strategy asks did not answer. */
const downCodes = /^(?:database\.|redis\.|introspection\.unavailable$|jwt\.(?:key-set|issuer)$)/

/** The application, identical for every strategy but in how a request is authenticated. */
export async function buildApp(options: AppOptions): Promise<FastifyInstance> {
  const { variant, strategy } = options
  const app = fastify({
    logger: options.logRequests,
    bodyLimit: bodyLimitBytes,
    ...(options.keepAliveTimeoutMs === undefined ? {} : { keepAliveTimeout: options.keepAliveTimeoutMs }),
    requestTimeout: requestTimeoutMs,
    forceCloseConnections: true,
    exposeHeadRoutes: false,
  })
  app.removeContentTypeParser('text/plain')
  answerErrors(app)
  stampFirstHook(app)
  if (options.insecureCookies) {
    restoreCookieNames(
      app,
      strategy.cookies.map((cookie) => cookie.name),
    )
  }
  await strategy.plugin?.(app)
  if (options.insecureCookies) dropSecure(app)

  const challenge = challengeFor(variant.traits.carrier)
  const pages = createPages(variant, strategy, options.insecureCookies)
  registerProtectedEndpoint(app, strategy, options.counters, challenge)
  app.get('/', pages.home)
  app.get('/.well-known/jwks.json', async (_request, reply) => {
    const keys = await strategy.jwks?.()
    if (keys !== undefined) return reply.header('cache-control', 'public, max-age=300').send(keys)
    sendProblem(reply, 404, 'not-found', 'This strategy has no public keys.')
    return reply
  })
  await app.register(async (accounts) => {
    await accounts.register(formbody, { bodyLimit: bodyLimitBytes })
    await registerAccountRoutes(accounts, {
      strategy,
      database: options.database,
      pages,
      challenge,
      insecureCookies: options.insecureCookies,
      lifetimeS: options.lifetimeS,
      now: options.now ?? Date.now,
    })
  })

  await app.ready()
  return app
}

/** Set before any route is added: plugins inherit the handlers that are there when they are registered. */
function answerErrors(app: FastifyInstance): void {
  app.setNotFoundHandler((_request, reply) => sendProblem(reply, 404, 'not-found', 'There is nothing here.'))
  app.setErrorHandler((error: FastifyError | AuthcostError, request, reply) => {
    request.log.error(error)
    if (error instanceof AuthcostError) {
      const busy = error.code === busyCode
      const down = busy || downCodes.test(error.code)
      if (down) reply.header('retry-after', '1')
      sendProblem(
        reply,
        down ? 503 : 500,
        down ? 'unavailable' : 'internal',
        busy ? error.message : down ? 'What this needs does not answer right now.' : 'Something went wrong.',
      )
      return
    }
    const status = error.statusCode ?? 500
    if (status >= 400 && status < 500)
      sendProblem(reply, status, 'malformed', 'The request cannot be read as it was sent.')
    else sendProblem(reply, 500, 'internal', 'Something went wrong.')
  })
}
