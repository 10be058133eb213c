import { z } from 'zod'
import { usageError } from '../../servers/contract/errors.ts'
import { strategyNamed } from '../../servers/strategies/table.ts'
import { deploymentSchema } from '../record/run.ts'
import { badKindSchema } from '../record/slice.ts'
import { tokenGridSchema } from '../record/token-tuning.ts'
import { leastRestarts } from '../statistics/restart-interval.ts'
import type { Plan } from './plan.ts'
import type { PlannedVariant } from './planned-variant.ts'

/** Raised when a plan of an older version would be misread. */
const planFileVersion = 1

const ratesSchema = z.union([
  z.object({ requestsPerSecond: z.number().positive() }),
  z.object({ share: z.number().positive() }),
  z.literal('default'),
])

const lapSchema = { sliceMs: z.number().positive(), rounds: z.int().positive() }

const loadSchema = z.discriminatedUnion('mode', [
  z.object({
    mode: z.literal('saturation'),
    connections: z.int().positive(),
    mayIdle: z.boolean(),
    leastResponses: z.int().nonnegative(),
    ...lapSchema,
  }),
  z.object({ mode: z.literal('fixed-rate'), rate: ratesSchema, ...lapSchema }),
  z.object({ mode: z.literal('unloaded'), ...lapSchema }),
  z.object({
    mode: z.literal('bad-traffic'),
    connections: z.int().positive(),
    badShare: z.number().positive().max(1),
    kind: badKindSchema.optional(),
    /** Neither stands in files of before these were given. */
    mayIdle: z.boolean().default(false),
    leastResponses: z.int().nonnegative().default(0),
    ...lapSchema,
  }),
])

const variantSchema = z.object({
  key: z.string(),
  role: z.enum(['control', 'twin', 'candidate']),
  strategy: z.string(),
  parameters: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  deployment: deploymentSchema.optional(),
})

const planFileSchema = z.object({
  version: z.literal(planFileVersion),
  plan: z.object({
    profile: z.enum(['quick', 'standard', 'thorough', 'custom']),
    purpose: z.enum(['tune-pool', 'tune-token']).optional(),
    tokenGrid: tokenGridSchema.optional(),
    plainGrid: z.boolean().optional(),
    serverCores: z.int().positive().optional(),
    seed: z.int().nonnegative(),
    sets: z.array(z.array(variantSchema)),
    restarts: z.int().positive(),
    loads: z.array(loadSchema),
    connections: z.int().positive(),
    poolSize: z.int().positive(),
    sessions: z.int().positive(),
    users: z.int().positive(),
    zipf: z.number().nonnegative(),
    /** Not in files of before there was bad traffic. */
    badShare: z.number().min(0).max(1).default(0),
    /** A database of the user's is not written down: its address may hold a password. */
    postgres: z.enum(['auto', 'container', 'embedded', 'external']),
    postgresImage: z.string(),
    /** Not there where the Redis was the run's own, and in files of before this was written down. */
    redis: z.literal('external').optional(),
    redisImage: z.string().optional(),
    precision: z.string().optional(),
    maxTimeMs: z.number().positive().optional(),
    leastRestarts: z.int().positive().default(leastRestarts),
    keepNodeFlags: z.boolean(),
    productionFlags: z.boolean(),
    restartPostgres: z.boolean(),
    lifecycle: z.boolean().default(false),
    coreSharing: z.boolean().default(false),
  }),
})

/**
 * A plan as `plan.json` keeps it, so that the run can be continued: no address, no path.
 *
 * @returns undefined for a plan with a strategy file of the user's, whose path is not written down.
 */
export function planToFile(plan: Plan): object | undefined {
  const { out: _out, redis, ...kept } = plan
  if (plan.sets.flat().some(({ variant }) => variant.file !== undefined)) return undefined
  return {
    version: planFileVersion,
    plan: {
      ...kept,
      postgres: plan.postgres.includes('://') ? 'external' : plan.postgres,
      ...(redis === undefined ? {} : { redis: 'external' }),
      sets: plan.sets.map((set) =>
        set.map(({ key, role, variant, deployment }) => ({
          key,
          role,
          strategy: variant.strategy,
          parameters: variant.parameters,
          ...(deployment === undefined ? {} : { deployment }),
        })),
      ),
    },
  }
}

/**
 * Reads a plan back.
 *
 * @param given what cannot stand in the file: where results go, and the addresses of databases of the user's.
 * @throws {AuthcostError} a usage error when it is no plan, or an address is missing.
 */
export function planFromFile(
  value: unknown,
  given: { readonly out: string; readonly postgres?: string | undefined; readonly redis?: string | undefined },
): Plan {
  const parsed = planFileSchema.safeParse(value)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    throw usageError(
      'usage.resume',
      `Its plan.json cannot be read: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'invalid'}.`,
      parsed.error,
    )
  }
  const { purpose, tokenGrid, plainGrid, serverCores, sets, postgres, redis, precision, maxTimeMs, ...rest } =
    parsed.data.plan
  if (postgres === 'external' && given.postgres === undefined) {
    throw usageError('usage.resume', 'It was measured on a database of yours: give its address again with --postgres.')
  }
  if (redis === 'external' && given.redis === undefined) {
    throw usageError('usage.resume', 'It was measured with a Redis of yours: give its address again with --redis.')
  }
  return {
    ...rest,
    ...(purpose === undefined ? {} : { purpose }),
    ...(tokenGrid === undefined ? {} : { tokenGrid }),
    ...(plainGrid === undefined ? {} : { plainGrid }),
    ...(serverCores === undefined ? {} : { serverCores }),
    precision,
    maxTimeMs,
    out: given.out,
    redis: given.redis,
    postgres: given.postgres ?? postgres,
    sets: sets.map((set) =>
      set.map(
        ({ key, role, strategy, parameters, deployment }): PlannedVariant => ({
          key,
          role,
          variant: strategyNamed(strategy).parse(parameters),
          ...(deployment === undefined ? {} : { deployment }),
        }),
      ),
    ),
  }
}
