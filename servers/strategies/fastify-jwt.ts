import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { defineStrategy } from '../contract/define-strategy.ts'
import { importPeer } from './library/import-peer.ts'
import { memoryNotWeighed } from './library/memory-not-weighed.ts'

const parameters = z.object({
  cache: z
    .enum(['on', 'off'])
    .default('off')
    .describe("the verifier's cache of 1,000 verified tokens (the library: off)"),
  lifetimeS: z.coerce.number().int().positive().default(900).describe('lifetime of a token, seconds'),
})

export type FastifyJwtParameters = z.infer<typeof parameters>

export const fastifyJwt = defineStrategy<FastifyJwtParameters>({
  name: 'fastify-jwt',
  summary: '@fastify/jwt with HS256: the token in the Authorization header is verified by fast-jwt, no database.',
  parameters,
  label: ({ cache }) => `@fastify/jwt${cache === 'on' ? ', cache' : ''}`,
  needs: () => [],
  traits: ({ lifetimeS }) => ({
    form: 'jwt',
    carrier: { kind: 'header', name: 'authorization', scheme: 'Bearer' },
    algorithm: 'HS256',
    memoryNotWeighed,
    revocation: { kind: 'at-expiry', lifetimeS },
  }),
  warnings: () => [],
  createSecrets: async () => ({ secret: randomBytes(32).toString('hex') }),
  load: () =>
    importPeer(
      'fastify-jwt',
      '@fastify/jwt',
      async () => (await import('./fastify-jwt/create-fastify-jwt.ts')).createFastifyJwtStrategy,
    ),
})
