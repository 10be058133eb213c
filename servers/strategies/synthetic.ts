import { z } from 'zod'
import { defineStrategy } from '../contract/define-strategy.ts'
import { authenticatesNobody } from './authenticates-nobody.ts'

const duration = z.string().regex(/^\d+(?:\.\d+)?(?:us|ms)$/, 'write it as 10us or 1.5ms')

export const synthetic = defineStrategy({
  name: 'synthetic',
  summary: 'Burns a stated amount of CPU or waits a stated time: the known cost that calibration must recover.',
  parameters: z.object({
    cpu: duration.default('0us').describe('CPU to burn per request, for example 10us'),
    wait: duration.default('0us').describe('time to wait per request, for example 1ms (timers overshoot; measured)'),
  }),
  label: ({ cpu, wait }) =>
    `Synthetic ${[cpu, wait].filter((text) => !/^0+[.0]*[um]s$/.test(text)).join(' + ') || 'nothing'}`,
  ...authenticatesNobody,
  load: async () => (await import('./synthetic/known-cost.ts')).createKnownCostStrategy,
})
