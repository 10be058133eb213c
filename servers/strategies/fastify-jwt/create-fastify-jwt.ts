import jwt from '@fastify/jwt'
import type { FastifyInstance } from 'fastify'
import { AuthcostError } from '../../contract/errors.ts'
import type { Identity } from '../../contract/identity.ts'
import type { AuthResult, IssueOptions, Strategy, StrategyContext } from '../../contract/strategy.ts'
import { tokenAudience, tokenIssuer } from '../../contract/token-claims.ts'
import type { FastifyJwtParameters } from '../fastify-jwt.ts'
import { storedIdentity } from '../library/stored-identity.ts'

/** An int4 in decimal, as `sub` has to be a string (RFC 7519 section 4.1.2). */
function readPayload(payload: unknown): AuthResult {
  if (typeof payload !== 'object' || payload === null || !('sub' in payload)) return { refused: 'malformed' }
  const userId = typeof payload.sub === 'string' ? Number(payload.sub) : 0
  if ((userId | 0) !== userId || userId < 1) return { refused: 'malformed' }
  return storedIdentity({ ...payload, userId }) ?? { refused: 'malformed' }
}

/**
 * `@fastify/jwt` as its README registers it, with what a verifier has to be told by its application: the algorithm, the
 * issuer and the audience are pinned and `exp` is required (RFC 8725 sections 3.1, 3.8 and 3.9). Without those options
 * the library accepts a token for anybody's audience, and one that never ends.
 */
export async function createFastifyJwtStrategy(
  parameters: FastifyJwtParameters,
  { secrets }: StrategyContext,
): Promise<Strategy> {
  const { secret } = secrets
  if (secret === undefined) {
    throw new AuthcostError('strategy.secrets', 'fastify-jwt was given no secret. Create its secrets first.')
  }
  let app: FastifyInstance | undefined
  const sign = (user: Identity, { nowMs, lifetimeS }: IssueOptions): string => {
    if (app === undefined) throw new AuthcostError('strategy.plugin', 'fastify-jwt is not registered yet.')
    const iat = Math.floor(nowMs / 1000)
    return app.jwt.sign({
      sub: String(user.userId),
      username: user.username,
      role: user.role,
      iat,
      exp: iat + Math.round(lifetimeS),
      iss: tokenIssuer,
      aud: tokenAudience,
    })
  }
  const headersFor = (user: Identity, options: IssueOptions) => ({ authorization: `Bearer ${sign(user, options)}` })

  return {
    async plugin(instance) {
      app = instance
      await instance.register(jwt, {
        secret,
        sign: { algorithm: 'HS256' },
        verify: {
          algorithms: ['HS256'],
          allowedIss: tokenIssuer,
          allowedAud: tokenAudience,
          requiredClaims: ['exp', 'iss', 'aud', 'sub'],
          // The library's own default where no `verify` is given.
          errorCacheTTL: 600_000,
          ...(parameters.cache === 'on' ? { cache: true } : {}),
        },
      })
    },
    authenticate(request) {
      if (request.headers.authorization === undefined) return { refused: 'missing' }
      return request.jwtVerify().then(readPayload, (): AuthResult => ({ refused: 'invalid' }))
    },
    async issue(user, options) {
      const requestHeaders = headersFor(user, options)
      return {
        cookies: [],
        requestHeaders,
        tokenResponse: {
          access_token: requestHeaders.authorization.slice('Bearer '.length),
          token_type: 'Bearer',
          expires_in: options.lifetimeS,
        },
      }
    },
    seededCredentials: async (users, options) => users.map((user) => headersFor(user, options)),
    // Nothing to revoke: the token is good until it expires.
    revoke: async () => {},
    cookies: [],
    lifetimeS: parameters.lifetimeS,
    measureState: async () => [],
    close: async () => {},
  }
}
