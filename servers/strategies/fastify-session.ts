import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { defineStrategy } from '../contract/define-strategy.ts'
import type { Revocation, VariantWarning } from '../contract/strategy.ts'
import { firstCookieWarning } from './library/first-cookie.ts'
import { importPeer } from './library/import-peer.ts'
import { memoryNotWeighed } from './library/memory-not-weighed.ts'

const parameters = z.object({
  rolling: z
    .enum(['on', 'off'])
    .default('on')
    .describe('write the session back on every request, which moves its expiry (the library: on)'),
  saveUninitialized: z
    .enum(['on', 'off'])
    .default('on')
    .describe('store a session for visitors who never signed in (the library: on)'),
})

export type FastifySessionParameters = z.infer<typeof parameters>

export const fastifySession = defineStrategy<FastifySessionParameters>({
  name: 'fastify-session',
  summary:
    '@fastify/session with connect-pg-simple: a signed id, one SELECT, and with `rolling` one write per request.',
  parameters,
  label: ({ rolling, saveUninitialized }) =>
    [
      '@fastify/session',
      ...(rolling === 'off' ? ['rolling off'] : []),
      ...(saveUninitialized === 'off' ? ['saveUninitialized off'] : []),
    ].join(', '),
  needs: () => ['postgres'],
  traits: ({ rolling }) => ({
    form: 'opaque',
    carrier: { kind: 'cookie', name: 'sessionId' },
    revocation: { kind: 'next-request' },
    // The identity lies in the session as it was at login, and the library's table knows no users to cascade from.
    roleChange: untilSessionEnds(rolling),
    userDeletion: untilSessionEnds(rolling),
    unguarded: ['duplicated cookie'],
    memoryNotWeighed,
    periodic: { everyMs: 900_000, what: 'connect-pg-simple deletes expired sessions' },
  }),
  warnings: ({ rolling, saveUninitialized }) => [
    firstCookieWarning('@fastify/cookie'),
    ...(rolling === 'on' ? [rollingWarning] : []),
    ...(saveUninitialized === 'on' ? [uninitializedWarning] : []),
  ],
  createSecrets: async () => ({
    cookieSecret: randomBytes(32).toString('hex'),
    sessionSecret: randomBytes(32).toString('hex'),
  }),
  load: () =>
    importPeer(
      'fastify-session',
      '@fastify/cookie @fastify/session connect-pg-simple',
      async () => (await import('./fastify-session/create-fastify-session.ts')).createFastifySessionStrategy,
    ),
})

/** How long connect-pg-simple keeps a session whose cookie has no lifetime, seconds: one day. */
export const storeLifetimeS = 86_400

/** With `rolling` every request moves the end of the session. */
const untilSessionEnds = (rolling: FastifySessionParameters['rolling']): Revocation =>
  rolling === 'on' ? { kind: 'when-unused', idleS: storeLifetimeS } : { kind: 'at-expiry', lifetimeS: storeLifetimeS }

const rollingWarning: VariantWarning = {
  code: 'writes-on-every-request',
  message:
    '@fastify/session writes each session back on every request (rolling, its default): a second query, and WAL. A session that is signed out while another of its requests is under way can be written back.',
  remedy: 'Set rolling to false where the expiry need not move with every request.',
}

const uninitializedWarning: VariantWarning = {
  code: 'stores-anonymous-sessions',
  message:
    '@fastify/session stores a session for every request without one (saveUninitialized, its default): refusing a visitor costs an INSERT, and strangers can fill the table.',
  remedy: 'Set saveUninitialized to false.',
}
