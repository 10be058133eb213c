import { z } from 'zod'
import { defineStrategy } from '../contract/define-strategy.ts'

export const none = defineStrategy({
  name: 'none',
  summary: 'The control: the same endpoint, identity taken on trust from a plain header.',
  parameters: z.object({}),
  label: () => 'No auth (control)',
  needs: () => [],
  traits: () => ({
    form: 'none',
    carrier: { kind: 'header', name: 'x-authcost-user' },
    revocation: { kind: 'not-applicable' },
  }),
  warnings: () => [],
  createSecrets: async () => ({}),
  load: async () => (await import('./none/trust-header.ts')).createTrustingStrategy,
})
