import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { defineStrategy } from '../contract/define-strategy.ts'
import type { VariantWarning } from '../contract/strategy.ts'

export const sealedCookieName = '__Host-authcost-sealed'

export const sealedParameters = z.object({
  lifetimeS: z.coerce
    .number()
    .int()
    .positive()
    .default(3600)
    .describe('lifetime of the cookie from its login, seconds; until then nothing ends it'),
  key: z
    .enum(['cryptokey', 'bytes'])
    .default('cryptokey')
    .describe('form of the key: cryptokey (imported once), or bytes (imported anew for each request: slow)'),
})

export type SealedParameters = z.infer<typeof sealedParameters>

const reimported: VariantWarning = {
  code: 'sealed.key-reimported',
  message: 'The key is imported anew on every request: jose imports raw bytes into Web Crypto.',
  remedy: 'Leave key at its default, cryptokey.',
}

export const sealed = defineStrategy<SealedParameters>({
  name: 'sealed',
  summary: 'An encrypted stateless cookie (JWE, dir and A256GCM): decrypted and checked, no database is asked.',
  parameters: sealedParameters,
  label: ({ key }) => `Sealed cookie${key === 'bytes' ? ', key as bytes' : ''}`,
  // Requests need none; users sign in with what lies there.
  needs: () => ['postgres'],
  traits: ({ lifetimeS }) => ({
    form: 'sealed',
    carrier: { kind: 'cookie', name: sealedCookieName },
    revocation: { kind: 'at-expiry', lifetimeS },
  }),
  warnings: ({ key }) => (key === 'bytes' ? [reimported] : []),
  createSecrets: async () => ({ sealingKey: randomBytes(32).toString('base64url') }),
  load: async () => (await import('./sealed/seal-cookie.ts')).createSealedStrategy,
})
