import { z } from 'zod'
import { usageError } from '../../servers/contract/errors.ts'
import { durationSchema } from './duration.ts'
import { sequenceLength } from './sequence-length.ts'
import { variantSets } from './variant-sets.ts'
import { axisNames, fewestUsers } from './vary.ts'

const wholeNumber = (minimum: number, maximum: number, what: string) =>
  z.coerce
    .number({ error: `expected a whole number (${what})` })
    .int({ error: `expected a whole number (${what})` })
    .min(minimum, { error: `must be at least ${minimum}` })
    .max(maximum, { error: `must be at most ${maximum}` })

/** Accepts `--precision 1us` (absolute, microseconds) and `5%` (relative). */
const precisionSchema = z.string().regex(/^\d+(\.\d+)?(us|%)$/, { error: 'expected a width such as 1us or 5%' })

/** Accepts `10%` and `0.1`. */
export const shareSchema = z
  .union([z.string(), z.number()])
  .transform((given) => {
    const text = String(given).trim()
    if (!/^\d+(\.\d+)?%?$/.test(text)) return Number.NaN
    return text.endsWith('%') ? Number(text.slice(0, -1)) / 100 : Number(text)
  })
  .pipe(z.number({ error: 'expected a share such as 10% or 0.1' }).min(0).max(1, { error: 'must be at most 100%' }))

/** One request of the walk that each connection repeats (bench/load/walks.ts): of a smaller share none would be sent. */
export const leastBadShare = 1 / sequenceLength

/**
 * Everything a user can ask of `run`, in one flat object: the command line, the config file and the API all parse into
 * this. Descriptions become `--help`. Every field is optional here; the profile fills what is left out.
 */
export const planInputSchema = z.strictObject({
  profile: z.enum(['quick', 'standard', 'thorough']).default('standard').describe('how much to measure'),
  variants: z.array(z.string()).default([]).describe('what to measure, for example session jwt:alg=ES256'),
  set: z
    .enum(['frontier', 'libraries'])
    .optional()
    .describe(`in place of variants, a named set: ${variantSets.map(({ name }) => name).join(' or ')}`),
  restarts: wholeNumber(1, 1000, 'restarts').optional().describe('times all servers are started afresh'),
  rounds: wholeNumber(1, 1000, 'rounds').optional().describe('rounds per restart at saturation'),
  slice: durationSchema('s')
    .pipe(z.number().min(50, { error: 'must be at least 50ms' }).max(60_000, { error: 'must be at most 60s' }))
    .optional()
    .describe('length of a saturation slice, for example 0.25s'),
  connections: wholeNumber(1, 4096, 'connections').default(10).describe('connections at saturation (closed loop)'),
  rate: wholeNumber(1, 1_000_000, 'requests per second')
    .optional()
    .describe('requests per second of the fixed-rate slices (open loop), at least 27'),
  badShare: shareSchema
    .refine((share) => share === 0 || share >= leastBadShare, {
      error: 'must be 0%, or at least 0.025%: one in the 4,096 requests that each connection repeats',
    })
    .default(0)
    .describe(
      'share of bad credentials in further slices, for example 10%, at least 0.025%: what refusing costs, and whether it is right',
    ),
  badKinds: z
    .boolean()
    .default(false)
    .describe('with --bad-share: each kind of bad credential by itself as well, which tells what refusing each costs'),
  poolSize: wholeNumber(1, 1000, 'connections').default(10).describe('connections of the Postgres pool'),
  sessions: wholeNumber(fewestUsers, 10_000_000, 'sessions').default(100_000).describe('rows in the table of sessions'),
  users: wholeNumber(fewestUsers, 1_000_000, 'users')
    .default(5000)
    .describe(`users whose credentials are sent, Zipf-drawn; at least ${fewestUsers}`),
  zipf: z.coerce.number().min(0).max(3).default(1).describe('exponent of the popularity of users; 0: all alike'),
  seed: wholeNumber(0, 4_294_967_295, 'seed')
    .optional()
    .describe('seed of every random order and draw; default: drawn, and recorded'),
  out: z.string().min(1).default('reports').describe('folder that gets one folder per run'),
  postgres: z
    .string()
    .refine((value) => ['auto', 'container', 'embedded'].includes(value) || /^postgres(ql)?:\/\//.test(value), {
      error: 'expected auto, container, embedded or a postgres:// URL',
    })
    .default('auto')
    .describe('where Postgres comes from: auto, container, embedded or a postgres:// URL'),
  postgresImage: z.string().min(1).default('postgres:18-alpine').describe('image of the Postgres container'),
  redis: z
    .string()
    .regex(/^rediss?:\/\//, { error: 'expected an address that begins with redis:// or rediss://' })
    .optional()
    .describe('Redis or Valkey for store=redis; default: one of our own, from a program or a container'),
  redisImage: z
    .string()
    .min(1)
    .optional()
    .describe('run Redis or Valkey in a container of this image, even where a program is on the PATH'),
  precision: precisionSchema
    .optional()
    .describe('stop when every app CPU cost is known this well between restarts (half-width), for example 1us or 5%'),
  maxTime: durationSchema('s')
    .pipe(z.number().min(10_000, { error: 'must be at least 10s' }))
    .optional()
    .describe(
      'begin no restart that would end later, once there are 3; default: 6m for the standard profile as it is, 30m with --precision',
    ),
  vary: z
    .array(z.string())
    .default([])
    .describe(
      `measure every combination, for example pool=2,5,10 or alg=HS256,ES256; ${axisNames.join(', ')}, or any parameter; may be given several times`,
    ),
  dbDelay: z
    .string()
    .optional()
    .describe('round trip added between server and Postgres, for example 0.5ms; several with commas'),
  lifecycle: z
    .enum(['on', 'off'])
    .optional()
    .describe(
      'whether to measure register, login, refresh and logout as well; default: the profile, off where loads or deployments are varied',
    ),
  maxCells: wholeNumber(1, 10_000, 'cells')
    .default(150)
    .describe('refuse a sweep of more cells (variants as deployed times loads) than this'),
  keepNodeFlags: z.boolean().default(false).describe("run the servers with node's own flags, as production does"),
})

export type PlanInput = z.input<typeof planInputSchema>
export type ParsedPlanInput = z.output<typeof planInputSchema>

/**
 * Parses what was asked for.
 *
 * @throws {AuthcostError} a usage error that names the wrong field.
 */
export function parsePlanInput(given: PlanInput): ParsedPlanInput {
  const result = planInputSchema.safeParse(given)
  if (result.success) return result.data
  const issue = result.error.issues[0]
  if (issue?.code === 'unrecognized_keys') {
    throw usageError(
      'usage.field',
      `Unknown field "${issue.keys[0]}". Known: ${Object.keys(planInputSchema.shape).join(', ')}.`,
    )
  }
  const field = String(issue?.path[0] ?? '')
  const value: unknown = Object.entries(given).find(([name]) => name === field)?.[1]
  const option = `--${field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
  // An address may hold a password.
  const shown = field === 'postgres' || field === 'redis' ? '' : ` ${JSON.stringify(value)}`
  throw usageError(
    'usage.field',
    `${field}${shown} is not possible (${option} or ${field} in the config file): ${issue?.message ?? 'invalid'}.`,
    result.error,
  )
}
