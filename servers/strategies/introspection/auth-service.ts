import formbody from '@fastify/formbody'
import Fastify, { type FastifyInstance } from 'fastify'
import type { CountedDatabase } from '../../contract/strategy.ts'
import { tokenIssuer } from '../../contract/token-claims.ts'
import { hashSessionId } from '../../database/stored-id.ts'
import { clientCheck } from './client-authentication.ts'
import { findToken } from './token-statements.ts'

export interface AuthService {
  readonly app: FastifyInstance
  /** Introspections answered so far. */
  introspections(): number
}

/** Longer ones are none of ours, and nothing is computed over them. */
const longestToken = 512

/**
 * The auth service: `POST /introspect` per RFC 7662, for callers that know the secret. Of a token that is not good it
 * says so and nothing else (section 2.2): not whether it was revoked, has expired or never was.
 */
export async function buildAuthService(options: {
  readonly database: CountedDatabase
  readonly clientSecret: string
}): Promise<AuthService> {
  const app = Fastify({ logger: false, bodyLimit: 4096 })
  const isClient = clientCheck(options.clientSecret)
  let introspections = 0
  await app.register(formbody)
  app.addHook('onRequest', async (request, reply) => {
    // Without client authentication anybody could try out tokens here (section 4).
    if (isClient(request.headers.authorization)) return
    await reply
      .code(401)
      .header('www-authenticate', 'Basic realm="authcost introspection"')
      .send({ error: 'invalid_client' })
  })
  app.post('/introspect', async (request, reply) => {
    const token = tokenOf(request.body)
    reply.header('cache-control', 'no-store')
    if (token === undefined) return reply.code(400).send({ error: 'invalid_request' })
    introspections++
    const found = token.length > longestToken ? undefined : await findToken(options.database, hashSessionId(token))
    if (found === undefined) return { active: false }
    const { userId, username, role, iat, exp } = found
    return { active: true, sub: String(userId), username, role, iss: tokenIssuer, token_type: 'Bearer', iat, exp }
  })
  return { app, introspections: () => introspections }
}

function tokenOf(body: unknown): string | undefined {
  if (typeof body !== 'object' || body === null || !('token' in body)) return undefined
  return typeof body.token === 'string' && body.token !== '' ? body.token : undefined
}
