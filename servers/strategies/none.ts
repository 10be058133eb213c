import { z } from 'zod'
import { defineStrategy } from '../contract/define-strategy.ts'
import { authenticatesNobody } from './authenticates-nobody.ts'

export const none = defineStrategy({
  name: 'none',
  summary: 'The control: the same endpoint, identity taken on trust from a plain header.',
  parameters: z.object({}),
  label: () => 'No auth (control)',
  ...authenticatesNobody,
  load: async () => (await import('./none/trust-header.ts')).createTrustingStrategy,
})
