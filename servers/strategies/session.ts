import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { defineStrategy } from '../contract/define-strategy.ts'

export const session = defineStrategy({
  name: 'session',
  summary: 'An opaque id in a cookie: SHA-256, then one prepared query that joins session and user.',
  parameters: z.object({
    lifetimeS: z.coerce
      .number()
      .int()
      .positive()
      .default(43_200)
      .describe('lifetime of a session from its login, seconds'),
  }),
  label: () => 'Session',
  needs: () => ['postgres'],
  traits: () => ({
    form: 'opaque',
    carrier: { kind: 'cookie', name: '__Host-authcost-session' },
    revocation: { kind: 'next-request' },
  }),
  warnings: () => [],
  /** `sessionSecret` is the run's: the one the sessions were seeded with has to be put in its place. */
  createSecrets: async () => ({ sessionSecret: randomBytes(32).toString('hex') }),
  load: async () => (await import('./session/look-up.ts')).createSessionStrategy,
})
