import { z } from 'zod'
import { protocolVersion } from './protocol.ts'

/** Names under which a server finds its auth service among its secrets. */
export const introspectionUrlSecret = 'introspectionUrl'
export const introspectionClientSecret = 'introspectionClientSecret'

/** What an auth service is told before it listens, over IPC only: it carries secrets. */
export const introspectorConfigurationSchema = z.object({
  protocolVersion: z.literal(protocolVersion),
  databaseUrl: z.string(),
  databaseSchema: z.string(),
  /** Of its pool's connections: that of the server it answers, so that their CPU counts as this variant's. */
  applicationName: z.string(),
  poolSize: z.int().positive(),
  /** What callers have to know (RFC 7662 section 2.1). */
  clientSecret: z.string().min(32),
  /** Loopback. */
  host: z.string(),
  /** 0 lets the system choose. */
  port: z.int().min(0).max(65535),
})
export type IntrospectorConfiguration = z.infer<typeof introspectorConfigurationSchema>

/** Harness to auth service. */
export const toIntrospectorSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('configure'), requestId: z.int(), configuration: introspectorConfigurationSchema }),
  /** Opens every connection of the pool and prepares its statement on each. */
  z.object({ type: z.literal('warm-pool'), requestId: z.int() }),
  /** Surplus connections are closed; `warm-pool` opens the missing ones. */
  z.object({ type: z.literal('set-pool-size'), requestId: z.int(), poolSize: z.int().positive() }),
  z.object({ type: z.literal('snapshot'), requestId: z.int() }),
  z.object({ type: z.literal('stop'), requestId: z.int() }),
])
export type ToIntrospector = z.infer<typeof toIntrospectorSchema>

/** Auth service to harness: one reply a request. */
export const fromIntrospectorSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready'), requestId: z.int(), port: z.int(), pid: z.int() }),
  z.object({ type: z.literal('done'), requestId: z.int() }),
  z.object({
    type: z.literal('snapshot'),
    requestId: z.int(),
    /** All cumulative. */
    queries: z.int().nonnegative(),
    introspections: z.int().nonnegative(),
    cpuUs: z.number().nonnegative(),
  }),
  z.object({ type: z.literal('failed'), requestId: z.int(), code: z.string(), message: z.string() }),
])
export type FromIntrospector = z.infer<typeof fromIntrospectorSchema>
