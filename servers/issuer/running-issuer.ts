import { createHash, timingSafeEqual } from 'node:crypto'
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { AuthcostError } from '../contract/errors.ts'
import { type IssuerConfiguration, issueRequestSchema, issuerSecrets } from '../contract/issuer-protocol.ts'
import { requiredSecret } from '../strategies/jwt/read-keys.ts'
import { parseJwtParameters } from '../strategies/jwt.ts'
import { SigningKeys } from './signing-keys.ts'

/** One issuer with everything it owns. */
export interface RunningIssuer {
  readonly port: number
  /** Another key signs from now on. */
  rotate(): Promise<void>
  stop(): Promise<void>
}

const bodyLimitBytes = 1_048_576
/** Servers ask for many tokens at once, and not often. */
const keepAliveTimeoutMs = 60_000

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

/**
 * The service that signs, of a variant with `issuer=remote`: publishes its keys, and makes tokens for the server that knows
 * the shared secret.
 */
export async function startIssuer(configuration: IssuerConfiguration): Promise<RunningIssuer> {
  const parameters = parseJwtParameters(configuration.parameters)
  const secrets = issuerSecrets(configuration.secrets)
  const keys = await SigningKeys.open(parameters, secrets)
  const app = buildIssuer(keys, digest(`Bearer ${requiredSecret(secrets, 'issuerSecret')}`))
  await app.listen({ host: configuration.host, port: configuration.port })
  const address = app.server.address()
  if (address === null || typeof address === 'string') {
    throw new AuthcostError('issuer.port', `The issuer listens on ${configuration.host} but has no port.`)
  }
  return { port: address.port, rotate: () => keys.rotate(), stop: () => app.close() }
}

function buildIssuer(keys: SigningKeys, expected: Buffer): FastifyInstance {
  const app = fastify({
    bodyLimit: bodyLimitBytes,
    keepAliveTimeout: keepAliveTimeoutMs,
    forceCloseConnections: true,
  })
  app.get('/.well-known/jwks.json', async (_request, reply) =>
    reply.header('cache-control', 'public, max-age=300').send({ keys: await keys.published() }),
  )
  // Before the body is read: strangers must not have a megabyte of theirs parsed.
  const onRequest = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    // Digests have one length, so that the comparison takes one time.
    if (timingSafeEqual(digest(request.headers.authorization ?? ''), expected)) return
    await reply.code(401).header('www-authenticate', 'Bearer realm="authcost issuer"').send()
  }
  app.post('/issue', { onRequest }, async (request, reply) => {
    const parsed = issueRequestSchema.safeParse(request.body)
    if (!parsed.success) return reply.code(400).send()
    const { subjects, nowMs, lifetimeS } = parsed.data
    return reply.header('cache-control', 'no-store').send({ tokens: await keys.sign(subjects, nowMs, lifetimeS) })
  })
  app.setErrorHandler((error: { statusCode?: number }, _request, reply) => reply.code(error.statusCode ?? 500).send())
  return app
}
