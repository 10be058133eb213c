import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { defineStrategy } from '../contract/define-strategy.ts'
import { firstCookieWarning } from './library/first-cookie.ts'
import { importPeer } from './library/import-peer.ts'
import { memoryNotWeighed } from './library/memory-not-weighed.ts'

const parameters = z.object({
  keys: z.coerce
    .number()
    .int()
    .min(1)
    .max(4)
    .default(1)
    .describe('keys in use; with more than one the cookie is sealed with the last, so that all are tried (rotation)'),
  expiry: z.coerce
    .number()
    .int()
    .positive()
    .default(86_401)
    .describe('seconds a session is good for (the library: 86401)'),
})

export type SecureSessionParameters = z.infer<typeof parameters>

export const secureSession = defineStrategy<SecureSessionParameters>({
  name: 'secure-session',
  summary: '@fastify/secure-session: the session itself in a cookie sealed by libsodium, no database.',
  parameters,
  label: ({ keys }) => `@fastify/secure-session${keys === 1 ? '' : `, ${keys} keys`}`,
  needs: () => [],
  traits: ({ expiry }) => ({
    form: 'sealed',
    carrier: { kind: 'cookie', name: 'session' },
    revocation: { kind: 'at-expiry', lifetimeS: expiry },
    unguarded: ['duplicated cookie'],
    memoryNotWeighed,
  }),
  warnings: ({ keys }) => [
    firstCookieWarning('@fastify/cookie'),
    ...(keys === 1
      ? []
      : [
          {
            code: 'cookie-set-on-every-request',
            message:
              'Every measured cookie is sealed with the oldest key, so each answer seals it anew and sets it: the dearest moment of a key rotation, not its average.',
            remedy: 'Compare with keys=1, the cost before and after the rotation.',
          },
        ]),
  ],
  createSecrets: async () => Object.fromEntries([1, 2, 3, 4].map((n) => [`key${n}`, randomBytes(32).toString('hex')])),
  load: () =>
    importPeer(
      'secure-session',
      '@fastify/secure-session',
      async () => (await import('./secure-session/create-secure-session.ts')).createSecureSessionStrategy,
    ),
})
