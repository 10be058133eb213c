import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Identity } from '../contract/identity.ts'
import { type AuthResult, isRefusal, type Strategy } from '../contract/strategy.ts'
import { sendRefusal } from './problem.ts'
import type { RequestCounters } from './request-counters.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** `performance.now()` in the very first hook: where the auth step begins. */
    firstHookAtMs: number
    /** Who the request is from, once `/me` has authenticated it. */
    identity: Identity | null
  }
}

const bodySchema = {
  type: 'object',
  properties: { userId: { type: 'integer' }, username: { type: 'string' }, role: { type: 'string' } },
  required: ['userId', 'username', 'role'],
} as const

/** Must be called before any plugin of a strategy's, so that hooks of libraries lie within the auth step. */
export function stampFirstHook(app: FastifyInstance): void {
  app.decorateRequest('firstHookAtMs', 0)
  app.decorateRequest('identity', null)
  app.addHook('onRequest', (request, _reply, done) => {
    request.firstHookAtMs = performance.now()
    done()
  })
}

/**
 * `GET /me`, the measured endpoint. Nothing differs between variants but `strategy.authenticate`; a synchronous answer
 * takes no promise. An exception of the strategy is an answer it could not give: 503, never an accept.
 */
export function registerProtectedEndpoint(
  app: FastifyInstance,
  strategy: Strategy,
  counters: RequestCounters,
  challenge: string,
): void {
  const refuse = (reply: FastifyReply, reason: Parameters<typeof sendRefusal>[1]): void => {
    counters.answered++
    counters.refused++
    sendRefusal(reply, reason, challenge)
  }
  const settle = (request: FastifyRequest, reply: FastifyReply, done: () => void, result: AuthResult): void => {
    if (isRefusal(result)) {
      refuse(reply, result.refused)
      return
    }
    request.identity = result
    done()
  }
  const fail = (reply: FastifyReply, error: unknown): void => {
    app.log.error(error)
    refuse(reply, 'unavailable')
  }
  app.get(
    '/me',
    {
      schema: { response: { 200: bodySchema } },
      onRequest: (request, reply, done) => {
        counters.begun++
        let result: AuthResult | Promise<AuthResult>
        try {
          result = strategy.authenticate(request)
        } catch (error) {
          fail(reply, error)
          return
        }
        if (result instanceof Promise) {
          result.then(
            (settled) => settle(request, reply, done, settled),
            (error: unknown) => fail(reply, error),
          )
        } else {
          settle(request, reply, done, result)
        }
      },
    },
    (request, reply) => {
      counters.authStep.record((performance.now() - request.firstHookAtMs) * 1e6)
      counters.answered++
      reply.header('cache-control', 'no-store').send(request.identity)
    },
  )
}
