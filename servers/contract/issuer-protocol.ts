import { z } from 'zod'
import { protocolVersion } from './protocol.ts'
import type { Secrets } from './strategy.ts'

/** Secrets with this prefix are for the issuer's process alone: a server that verifies holds no key that signs. */
export const issuerSecretPrefix = 'issuer.'

/** The name under which a server finds its issuer's address among its secrets. */
export const issuerUrlSecret = 'issuerUrl'

/** What the server of a variant may know of the variant's secrets. */
export const withoutIssuerSecrets = (secrets: Secrets): Secrets =>
  Object.fromEntries(Object.entries(secrets).filter(([name]) => !name.startsWith(issuerSecretPrefix)))

/** What the issuer is given: its own secrets without the prefix, and those it shares with the server. */
export const issuerSecrets = (secrets: Secrets): Secrets =>
  Object.fromEntries(
    Object.entries(secrets).map(([name, value]) => [
      name.startsWith(issuerSecretPrefix) ? name.slice(issuerSecretPrefix.length) : name,
      value,
    ]),
  )

/** What an issuer process is told before it listens, over IPC only: it carries the keys that sign. */
export const issuerConfigurationSchema = z.object({
  protocolVersion: z.literal(protocolVersion),
  /** Parameters of the `jwt` variant whose tokens it signs. */
  parameters: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  secrets: z.record(z.string(), z.string()),
  /** Loopback. */
  host: z.string(),
  /** 0 lets the system choose. */
  port: z.int().min(0).max(65535),
})
export type IssuerConfiguration = z.infer<typeof issuerConfigurationSchema>

/** Harness to issuer. `rotate`: from now on another key signs; the old one stays in the set while its tokens live. */
export const toIssuerSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('configure'), requestId: z.int(), configuration: issuerConfigurationSchema }),
  z.object({ type: z.literal('rotate'), requestId: z.int() }),
  /** CPU of all its threads so far. */
  z.object({ type: z.literal('snapshot'), requestId: z.int() }),
  z.object({ type: z.literal('stop'), requestId: z.int() }),
])
export type ToIssuer = z.infer<typeof toIssuerSchema>

/** Issuer to harness: one reply a request. */
export const fromIssuerSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready'), requestId: z.int(), port: z.int(), pid: z.int() }),
  z.object({ type: z.literal('done'), requestId: z.int() }),
  z.object({ type: z.literal('snapshot'), requestId: z.int(), cpuUs: z.number().nonnegative() }),
  z.object({ type: z.literal('failed'), requestId: z.int(), code: z.string(), message: z.string() }),
])
export type FromIssuer = z.infer<typeof fromIssuerSchema>

/** At most so many tokens in one `POST /issue`. */
export const issueBatchSize = 500

/** Server to issuer, `POST /issue`: tokens for these subjects. */
export const issueRequestSchema = z.object({
  subjects: z
    .array(
      z.object({
        user: z.object({ userId: z.int().positive(), username: z.string(), role: z.string() }),
        familyId: z.uuid(),
      }),
    )
    .max(issueBatchSize),
  nowMs: z.number(),
  lifetimeS: z.number(),
})

/** The answer: one token a subject, in order. */
export const issueAnswerSchema = z.object({ tokens: z.array(z.string()) })
