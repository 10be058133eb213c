import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { defineStrategy } from '../contract/define-strategy.ts'
import { introspectionClientSecret } from '../contract/introspector-protocol.ts'
import { defaultSessionLayout, type SessionLayout } from '../contract/session-layout.ts'
import { cacheTtlMs, cacheTtlSchema } from './cache-ttl.ts'

export const introspectionParameters = z.object({
  cacheTtl: cacheTtlSchema.describe('how long an answer may be reused: off, or for example 1s'),
  connections: z.coerce
    .number()
    .int()
    .min(1)
    .max(1000)
    .default(10)
    .describe('connections to the auth service that are kept open'),
  lifetimeS: z.coerce.number().int().positive().default(3600).describe('lifetime of a token, seconds'),
})

export type IntrospectionParameters = z.infer<typeof introspectionParameters>

/** Tokens lie as sessions do, in a table of their own: one kind of credential must not pass for the other. */
export const tokenLayout: SessionLayout = { ...defaultSessionLayout, name: 'opaque_tokens' }

export const introspection = defineStrategy<IntrospectionParameters>({
  name: 'introspection',
  summary: 'An opaque bearer token that an auth service answers for over HTTP (RFC 7662).',
  parameters: introspectionParameters,
  label: ({ cacheTtl, connections }) =>
    [
      'Introspection',
      ...(cacheTtl === 'off' ? [] : [`cached ${cacheTtl}`]),
      ...(connections === 10 ? [] : [`${connections} connections`]),
    ].join(', '),
  needs: () => ['postgres', 'introspector'],
  traits: ({ cacheTtl }) => {
    const ttlMs = cacheTtlMs(cacheTtl)
    return {
      form: 'opaque',
      carrier: { kind: 'header', name: 'authorization', scheme: 'Bearer' },
      revocation: ttlMs === 0 ? { kind: 'next-request' } : { kind: 'within', ms: ttlMs, canBeShortened: true },
      ...(ttlMs === 0
        ? {}
        : { periodic: { everyMs: ttlMs, what: 'cached tokens are asked for again', canBeShortened: true } }),
    }
  },
  warnings: () => [],
  sessionLayout: () => tokenLayout,
  createSecrets: async () => ({
    sessionSecret: randomBytes(32).toString('hex'),
    [introspectionClientSecret]: randomBytes(32).toString('hex'),
  }),
  load: async () => (await import('./introspection/create-introspection-strategy.ts')).createIntrospectionStrategy,
})
