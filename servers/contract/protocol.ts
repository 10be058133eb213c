import { z } from 'zod'
import { counterSnapshotSchema } from './counters.ts'
import { stateSizeSchema } from './state-size.ts'

/** Raised with every change of the messages; both sides refuse another version. */
export const protocolVersion = 5

const scalar = z.union([z.string(), z.number(), z.boolean()])

/** What a server process is told before it listens. Never on argv or in the environment: it carries secrets. */
export const serverConfigurationSchema = z.object({
  protocolVersion: z.literal(protocolVersion),
  variantId: z.string(),
  strategy: z.string(),
  /** Absolute path of a strategy file of the user's. */
  file: z.string().optional(),
  parameters: z.record(z.string(), scalar),
  secrets: z.record(z.string(), z.string()),
  host: z.string(),
  /** 0 lets the system choose. */
  port: z.int().min(0).max(65535),
  /** Absent: the strategy gets a pool that refuses with a message. */
  databaseUrl: z.string().optional(),
  /** Schema that holds the application's tables (search_path). */
  databaseSchema: z.string(),
  /** `application_name` of the pool's connections, by which the harness finds their backends. */
  applicationName: z.string(),
  poolSize: z.int().positive(),
  insecureCookies: z.boolean(),
  /** Lifetimes given by the plan, seconds. */
  accessLifetimeS: z.int().positive(),
  /** A shorter period than the variant's own; absent: its own. See `StrategyContext`. */
  periodMs: z.number().positive().optional(),
  /** Listens for browsers (login page, form posts); measured runs serve the same routes. */
  logRequests: z.boolean(),
  /** How long a connection may stay open without a request; absent: Fastify's own default. */
  keepAliveTimeoutMs: z.int().positive().optional(),
})
export type ServerConfiguration = z.infer<typeof serverConfigurationSchema>

const identitySchema = z.object({ userId: z.int(), username: z.string(), role: z.string() })

/** Harness to server. Every message but `configure` follows `ready`. `requestId` comes back in the reply. */
export const toServerSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('configure'), requestId: z.int(), configuration: serverConfigurationSchema }),
  /** Opens every pool connection and prepares and runs the strategy's statements on each at least 6 times. */
  z.object({ type: z.literal('warm-pool'), requestId: z.int() }),
  /** Answers when no request is in flight (or after `timeoutMs`, with what is). */
  z.object({ type: z.literal('snapshot'), requestId: z.int(), timeoutMs: z.number() }),
  /** Request headers of seeded users `fromUserId`..`toUserId` (inclusive). */
  z.object({
    type: z.literal('issue'),
    requestId: z.int(),
    fromUserId: z.int().positive(),
    toUserId: z.int().positive(),
    nowMs: z.number(),
    lifetimeS: z.number(),
    /** Makes state of its own for each (a login), rather than the seeded one: what the gate revokes. */
    fresh: z.boolean(),
  }),
  /** Makes a user whom nobody measures, signed in at `nowMs` for `lifetimeS`: answers `user-created`. */
  z.object({ type: z.literal('create-user'), requestId: z.int(), nowMs: z.number(), lifetimeS: z.number() }),
  /** Changes the role of a user that `create-user` made, as an application would; of any other it is refused. */
  z.object({ type: z.literal('change-role'), requestId: z.int(), userId: z.int().positive(), role: z.string() }),
  /** Deletes such a user, with all that cascades. One who is gone already is no error. */
  z.object({ type: z.literal('delete-user'), requestId: z.int(), userId: z.int().positive() }),
  /** Weighs what the strategy keeps: garbage is collected for it, so never in a server that is measured. */
  z.object({ type: z.literal('measure-state'), requestId: z.int() }),
  /** Changes the pool's size in the live server. */
  z.object({ type: z.literal('set-pool-size'), requestId: z.int(), poolSize: z.int().positive() }),
  /** Adds a user who can sign in with a password whose hash the harness has chosen. */
  z.object({ type: z.literal('add-account'), requestId: z.int(), username: z.string(), passwordHash: z.string() }),
  z.object({ type: z.literal('stop'), requestId: z.int() }),
])
export type ToServer = z.infer<typeof toServerSchema>

/** Server to harness: one reply a request. */
export const fromServerSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('ready'),
    requestId: z.int(),
    protocolVersion: z.literal(protocolVersion),
    port: z.int(),
    pid: z.int(),
    nodeVersion: z.string(),
  }),
  z.object({ type: z.literal('done'), requestId: z.int() }),
  z.object({ type: z.literal('snapshot'), requestId: z.int(), snapshot: counterSnapshotSchema }),
  z.object({
    type: z.literal('issued'),
    requestId: z.int(),
    /** One per user, in order: lower-case header names and values. */
    requestHeaders: z.array(z.record(z.string(), z.string())),
  }),
  z.object({
    type: z.literal('user-created'),
    requestId: z.int(),
    user: identitySchema,
    requestHeaders: z.record(z.string(), z.string()),
  }),
  z.object({
    type: z.literal('state'),
    requestId: z.int(),
    /** Absent where the strategy does not say. */
    sizes: z.array(stateSizeSchema).optional(),
  }),
  z.object({ type: z.literal('failed'), requestId: z.int(), code: z.string(), message: z.string() }),
])
export type FromServer = z.infer<typeof fromServerSchema>
