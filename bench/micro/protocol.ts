import { z } from 'zod'
import { serverConfigurationSchema } from '../../servers/contract/protocol.ts'
import { microRunSchema, microTaskSchema } from '../record/micro.ts'

/** A task without its variant: a process has only one. */
export const offeredTaskSchema = microTaskSchema.omit({ variant: true })
export type OfferedTask = z.infer<typeof offeredTaskSchema>

export const measuredRunSchema = microRunSchema.omit({
  variant: true,
  set: true,
  restart: true,
  round: true,
  position: true,
})
export type MeasuredRun = z.infer<typeof measuredRunSchema>

/** Harness to process. The first message is `configure`; the end of the channel ends the process. */
export const toStepProcessSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('configure'),
    requestId: z.int(),
    configuration: serverConfigurationSchema,
    /** User numbers, walked through over and over: many of them, popular ones more often. */
    walk: z.array(z.int().positive()).min(1),
    /** Calls under way at a time where a task answers with a promise; measured beside one at a time. */
    inFlight: z.int().positive(),
  }),
  /** Runs every task for so long, untimed, and finds out how many calls make a sample. */
  z.object({ type: z.literal('warm-up'), requestId: z.int(), msPerTask: z.number().positive() }),
  z.object({
    type: z.literal('run'),
    requestId: z.int(),
    task: z.string(),
    inFlight: z.int().positive(),
    runMs: z.number().positive(),
  }),
])
export type ToStepProcess = z.infer<typeof toStepProcessSchema>

export const fromStepProcessSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready'), requestId: z.int(), tasks: z.array(offeredTaskSchema) }),
  z.object({ type: z.literal('done'), requestId: z.int() }),
  z.object({ type: z.literal('measured'), requestId: z.int(), run: measuredRunSchema }),
  z.object({ type: z.literal('failed'), requestId: z.int(), code: z.string(), message: z.string() }),
])
export type FromStepProcess = z.infer<typeof fromStepProcessSchema>
