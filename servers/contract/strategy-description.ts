import { z } from 'zod'
import { protocolVersion } from './protocol.ts'
import type { ResolvedVariant } from './strategy.ts'

const scalarSchema = z.union([z.string(), z.number(), z.boolean()])
const scalarsSchema = z.record(z.string(), scalarSchema)

/**
 * What is asked of the process that loads a strategy file (servers/describe-strategy.ts). The file's code runs there
 * and in its servers, never in the harness.
 */
export const toDescriberSchema = z.object({
  type: z.enum(['describe', 'create-secrets']),
  requestId: z.int(),
  protocolVersion: z.literal(protocolVersion),
  /** Absolute. */
  file: z.string(),
  /** As typed, or with every value where secrets are to be made. */
  parameters: scalarsSchema,
})
export type ToDescriber = z.infer<typeof toDescriberSchema>

export const fromDescriberSchema = z.discriminatedUnion('type', [
  /** `variant` is read by `parseVariantDescription`. */
  z.object({ type: z.literal('described'), requestId: z.int(), variant: z.unknown() }),
  z.object({ type: z.literal('secrets'), requestId: z.int(), secrets: z.record(z.string(), z.string()) }),
  z.object({
    type: z.literal('failed'),
    requestId: z.int(),
    code: z.string(),
    message: z.string(),
    usage: z.boolean(),
  }),
])
export type FromDescriber = z.infer<typeof fromDescriberSchema>

const revocationSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('not-applicable') }),
  z.object({ kind: z.literal('next-request') }),
  z.object({
    kind: z.literal('within'),
    ms: z.number().nonnegative(),
    canBeShortened: z.literal(true).optional(),
  }),
  z.object({ kind: z.literal('at-expiry'), lifetimeS: z.number().positive() }),
  z.object({ kind: z.literal('when-unused'), idleS: z.number().positive() }),
])

const periodicSchema = z.looseObject({
  everyMs: z.number().positive(),
  what: z.string().min(1),
  canBeShortened: z.literal(true).optional(),
  begins: z
    .union([z.literal('with-a-new-credential'), z.object({ withoutCookie: z.string().min(1) })], {
      error: "must be 'with-a-new-credential' or { withoutCookie: <name> }",
    })
    .optional(),
})

// Loose: what is not used here passes through, so that a new trait need not be named twice.
const variantSchema = z.looseObject({
  id: z.string().min(1),
  strategy: z.string().regex(/^[a-z][a-z0-9-]*$/, 'must be lower-case letters, digits and hyphens'),
  parameters: scalarsSchema,
  label: z.string().min(1),
  needs: z.array(z.enum(['postgres', 'redis', 'issuer', 'introspector'])),
  traits: z.looseObject({
    form: z.enum(['none', 'opaque', 'jwt', 'sealed']),
    carrier: z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('cookie'), name: z.string().min(1) }),
      z.object({
        kind: z.literal('header'),
        name: z.string().regex(/^[a-z0-9-]+$/, 'must be a header name in lower case'),
        scheme: z.literal('Bearer').optional(),
      }),
    ]),
    revocation: revocationSchema,
    roleChange: revocationSchema.optional(),
    userDeletion: revocationSchema.optional(),
    unguarded: z.array(z.string()).optional(),
    periodic: periodicSchema.optional(),
    idleTimeoutS: z.number().positive().optional(),
  }),
  warnings: z.array(z.object({ code: z.string(), message: z.string(), remedy: z.string() })),
  file: z.string(),
})

/**
 * Reads what a strategy file says of itself: written by whoever wrote the file, in JavaScript perhaps, so nothing about
 * it is known before.
 *
 * @returns the variant, or a sentence on what is wrong with it.
 */
export function parseVariantDescription(value: unknown): ResolvedVariant | { readonly wrong: string } {
  const result = variantSchema.safeParse(value)
  // The schema says nothing but what the type says; it only cannot say that an absent field is never `undefined`.
  if (result.success) return result.data as ResolvedVariant
  const issue = result.error.issues[0]
  return { wrong: `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'invalid'}` }
}
