import { z } from 'zod'
import { revocationEvents } from '../../servers/contract/revocation.ts'
import { burstySchema } from './bursty.ts'
import { coreSpeedAdjustmentSchema } from './core-speed.ts'
import { environmentSchema } from './environment.ts'
import { absentEstimateSchema, estimateSchema, noiseBandSchema } from './estimate.ts'
import { lifecycleSchema } from './lifecycle.ts'
import { microSchema } from './micro.ts'
import { signingSchema } from './signing.ts'
import { absentSchema, badKindSchema, loadSchema, sliceSchema } from './slice.ts'
import { stateRecordSchema, wireBytesSchema } from './state.ts'
import { tokenGridSchema } from './token-tuning.ts'
import { tuningSchema } from './tuning.ts'

/** Raised when a reader of an older file would misread a newer one. */
export const schemaVersion = 1

/** Where and how a variant's server runs, where the plan varies it. */
export const deploymentSchema = z.object({
  /** Connections of its Postgres pool. */
  poolSize: z.int().positive().optional(),
  /** Round trip added between server and Postgres, microseconds. */
  dbDelayUs: z.number().nonnegative().optional(),
  /** Rows of the table in which its sessions lie; absent: as the plan says. */
  sessions: z.int().positive().optional(),
  /** App instances: server processes that share the database, each with a pool of its own; absent: one. */
  instances: z.int().positive().optional(),
  /** `UV_THREADPOOL_SIZE` of its process. */
  uvThreadpoolSize: z.int().positive().optional(),
})

export const revocationSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('not-applicable') }),
  z.object({ kind: z.literal('next-request') }),
  z.object({ kind: z.literal('within'), ms: z.number().positive() }),
  z.object({ kind: z.literal('at-expiry'), lifetimeS: z.number().positive() }),
  z.object({ kind: z.literal('when-unused'), idleS: z.number().positive() }),
])

/** A variant as the report needs it: nothing has to be loaded to draw it. */
export const variantRecordSchema = z.object({
  id: z.string(),
  strategy: z.string(),
  role: z.enum(['control', 'twin', 'candidate']),
  label: z.string(),
  parameters: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  revocation: revocationSchema,
  /** Promises of a user's own changes; absent: as `revocation`. */
  roleChange: revocationSchema.optional(),
  userDeletion: revocationSchema.optional(),
  /** `cookie __Host-authcost-session`, `header authorization: Bearer`. */
  carrier: z.string(),
  /** Mean bytes of the credential as sent (header name and value). */
  credentialBytes: z.number().nonnegative().optional(),
  /** Absent where nothing is varied; else the id tells it behind an `@`: `session@pool=2`. */
  deployment: deploymentSchema.optional(),
  /** What it does on a clock of its own, rare and dear, and how often; absent where there is nothing. */
  periodic: z.object({ everyMs: z.number().positive(), what: z.string() }).optional(),
  /** `measured`, or why not: the gate refused it, a need was missing, its server died. */
  state: z.union([z.literal('measured'), z.object({ leftOut: z.string() })]),
})
export type VariantRecord = z.infer<typeof variantRecordSchema>

/** The id under which a variant was checked (gate, query count, revocation): once, however often it is deployed. */
export const checkedId = ({ id, deployment }: Pick<VariantRecord, 'id' | 'deployment'>): string =>
  deployment === undefined ? id : id.slice(0, id.lastIndexOf('@'))

export const warningSchema = z.object({
  code: z.string(),
  /** Variant it concerns; absent: the run. */
  variant: z.string().optional(),
  message: z.string(),
  remedy: z.string(),
  /** `high` warnings stand at the head of the report. */
  severity: z.enum(['high', 'low']),
})
export type Warning = z.infer<typeof warningSchema>

/** Everything that was planned, after defaults, profile, config file and options were parsed into one. */
export const planRecordSchema = z.object({
  profile: z.enum(['quick', 'standard', 'thorough', 'custom']),
  /** What the run is to answer beyond what its variants cost; absent for a plain run. */
  purpose: z.enum(['tune-pool', 'tune-token']).optional(),
  /** Of `tune token`. */
  tokenGrid: tokenGridSchema.optional(),
  variants: z.array(variantRecordSchema),
  seed: z.int().nonnegative(),
  restarts: z.int().positive(),
  /** Rounds per restart at saturation. */
  rounds: z.int().nonnegative(),
  /** Planned length of a saturation slice, milliseconds. */
  sliceMs: z.number().positive(),
  loads: z.array(z.object({ load: loadSchema, sliceMs: z.number().positive(), roundsPerRestart: z.int().positive() })),
  connections: z.int().positive(),
  poolSize: z.int().positive(),
  /** Rows in `session_auth`, and users whose credentials are sent. */
  sessions: z.int().positive(),
  users: z.int().positive(),
  popularity: z.object({ distribution: z.literal('zipf'), exponent: z.number().nonnegative() }),
  /** Share of bad credentials in the slices of bad traffic; absent where there are none. */
  badShare: z.number().positive().max(1).optional(),
  accessLifetimeS: z.int().positive(),
  postgres: z.enum(['container', 'embedded', 'external']),
  /** Whether Postgres, too, was started afresh before each restart but the first; absent in files of before it was recorded. */
  restartPostgres: z.boolean().optional(),
  keepNodeFlags: z.boolean(),
  predictedSeconds: z.number().positive(),
})
export type PlanRecord = z.infer<typeof planRecordSchema>

const figureNotNegative = z.union([z.number().nonnegative(), absentSchema])

/** One attack of the gate against one variant. */
export const checkSchema = z.object({
  variant: z.string(),
  attack: z.string(),
  expected: z.enum(['accept', 'refuse']),
  /** Status answered. */
  status: z.int(),
  passed: z.boolean(),
})
export type Check = z.infer<typeof checkSchema>

/** Attacks of the gate that were not made against a variant, because its strategy says that it does not withstand them. */
export const unguardedSchema = z.object({ variant: z.string(), attacks: z.array(z.string()).min(1) })

/** Untimed count of queries, checked against pg_stat_statements. */
export const queryCountSchema = z.object({
  variant: z.string(),
  requests: z.int().positive(),
  counted: z.int().nonnegative(),
  pgStatStatements: z.union([z.int().nonnegative(), absentSchema]),
})

/** For how long a credential was still accepted, or its user still had the old role, after what should end that. */
export const revocationLagSchema = z.object({
  variant: z.string(),
  /** What should end it. */
  event: z.enum(revocationEvents),
  /** Measured, milliseconds; 0: refused from the first request on. */
  lagMs: z.union([z.number().nonnegative(), absentSchema]),
  /** Lifetime that the credential, or what servers keep of it, was given for this, where its own is too long to wait for; seconds. */
  lifetimeS: z.number().positive().optional(),
  /** What the variant's promise comes to at the most, milliseconds, and why. */
  atMostMs: figureNotNegative,
  formula: z.string(),
})
export type RevocationLag = z.infer<typeof revocationLagSchema>

/** Which bad credentials a variant was sent under load, and which it was spared by its own promises. */
export const badTrafficCheckSchema = z.object({
  variant: z.string(),
  sent: z.array(badKindSchema),
  leftOut: z.array(z.object({ kind: badKindSchema, reason: z.string() })),
})

/** What some thousands of requests, or logouts, of a variant wrote to Postgres, in an untimed pass. */
export const writeCountSchema = z.object({
  variant: z.string(),
  event: z.enum(['request', 'logout']),
  /** Where uses are written by the clock and not with every request: so often at most, milliseconds. */
  everyMs: z.number().positive().optional(),
  written: z.union([
    z.object({
      /** Requests, or logouts, that the other numbers belong to. */
      requests: z.int().positive(),
      /** By which the write-ahead log of the server grew, full-page images included. */
      walBytes: z.number().nonnegative(),
      /** Images of whole pages in it. */
      fullPageImages: z.int().nonnegative(),
      inserted: z.int().nonnegative(),
      updated: z.int().nonnegative(),
      /** Of the updated: without a new entry in any index. */
      hotUpdated: z.int().nonnegative(),
      deleted: z.int().nonnegative(),
      /** Row versions left behind for vacuum. */
      deadTuples: z.union([z.int().nonnegative(), absentSchema]),
    }),
    absentSchema,
  ]),
})
export type WriteCount = z.infer<typeof writeCountSchema>

export const warmUpSchema = z.object({
  variant: z.string(),
  set: z.int().nonnegative(),
  restart: z.int().nonnegative(),
  group: z.enum(['default', 'production']),
  requests: z.int().nonnegative(),
  loadMs: z.number().nonnegative(),
  steady: z.boolean(),
})

export const resultsSchema = z.object({
  schemaVersion: z.literal(schemaVersion),
  tool: z.object({ name: z.literal('authcost'), version: z.string() }),
  run: z.object({
    id: z.string(),
    command: z.enum(['run', 'calibrate', 'tune', 'micro']),
    state: z.enum(['running', 'complete', 'interrupted', 'failed']),
    /** Why a failed run failed: one sentence. */
    failure: z.string().optional(),
    seed: z.int().nonnegative(),
    /** As typed, paths and URLs with credentials redacted. */
    commandLine: z.string(),
    startedAt: z.iso.datetime(),
    finishedAt: z.iso.datetime().optional(),
    /** Time between the parts of a run that was continued, milliseconds. */
    pausedMs: z.number().nonnegative().optional(),
    /** Restarts measured to their end; absent before the first, and in files of before it was recorded. */
    wholeRestarts: z.int().nonnegative().optional(),
    /** Share of the run's wall clock spent in measured slices, 0..1. */
    sliceShare: z.number().min(0).max(1).optional(),
  }),
  environment: environmentSchema,
  plan: planRecordSchema,
  checks: z.object({
    gate: z.array(checkSchema),
    /** Only where there are such variants. */
    unguarded: z.array(unguardedSchema).optional(),
    queryCounts: z.array(queryCountSchema),
    /** Absent in files of before it was measured. */
    revocation: z.array(revocationLagSchema).optional(),
    /** Bytes on the wire and at rest; absent in files of before they were counted. */
    wire: z.array(wireBytesSchema).optional(),
    state: z.array(stateRecordSchema).optional(),
    /** Only where a variant may write. */
    writes: z.array(writeCountSchema).optional(),
    /** Only where bad traffic was planned. */
    badTraffic: z.array(badTrafficCheckSchema).optional(),
  }),
  /** The authentication step in process; only of `micro`. */
  micro: microSchema.optional(),
  warmUps: z.array(warmUpSchema),
  slices: z.array(sliceSchema),
  /** How figures of CPU were put at one speed of the cores; not there in files of before it was sampled. */
  coreSpeed: z.union([coreSpeedAdjustmentSchema, absentSchema]).optional(),
  /** What issuing credentials took; only where the plan asks for it. */
  signings: z.array(signingSchema).optional(),
  estimates: z.array(estimateSchema),
  absent: z.array(absentEstimateSchema),
  noiseBands: z.array(noiseBandSchema),
  warnings: z.array(warningSchema),
  /** Answers of a `tune` command; absent for other runs. */
  tuning: tuningSchema.optional(),
  /** Register, login, refresh and logout; absent where they were not measured. */
  lifecycle: lifecycleSchema.optional(),
  /** Strategies with a clock of their own: hits and misses apart; absent where there were none. */
  bursty: burstySchema.optional(),
})
export type Results = z.infer<typeof resultsSchema>
