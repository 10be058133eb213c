import { usageError } from '../../servers/contract/errors.ts'
import { parseVariant } from '../../servers/strategies/table.ts'
import { type CoresFor, notMeasurableText, withInstanceCores } from './app-instances.ts'
import { asksPostgres } from './axis-use.ts'
import { requireDrains } from './drain-time.ts'
import { type PlanInput, parsePlanInput } from './input.ts'
import { type Plan, planOf, requireFewCells } from './plan.ts'
import type { PlannedLoad } from './planned-load.ts'

/** What `tune pool` may be asked; lists as typed, with commas. */
export interface PoolGridInput {
  readonly variants?: readonly string[]
  readonly pool?: string
  readonly connections?: string
  readonly dbDelay?: string
  readonly instances?: string
  readonly tokens?: string
  readonly restarts?: number | string
  readonly rounds?: number | string
  readonly slice?: number | string
  readonly sessions?: number | string
  readonly plainGrid?: boolean
  readonly users?: number | string
  readonly seed?: number | string
  readonly out?: string
  readonly postgres?: string
  readonly postgresImage?: string
  readonly maxCells?: number | string
}

/** In the order of `--help`. Pools around node-postgres's default of 10; levels enough for a curve (docs/method.md). */
export const poolGridDefaults = {
  variants: ['session'],
  pool: '1,2,5,10,20',
  connections: '1,2,4,8,16,32,64',
  dbDelay: '0',
  tokens: 'HS256,RS256,ES256',
  restarts: 5,
  rounds: 3,
} as const

/** A p95 of so many responses has 25 beyond it; behind a small pool and a distance, more would take seconds. */
const fewestResponses = 500

/** At a window's end each connection waits half a response time for the last one: a share of 1 / (2 x this). */
const responsesAConnection = 15

/**
 * The plan of `tune pool` as far as this machine can measure it: app instances are left out where there are no cores for
 * them, and the rest is measured.
 *
 * @returns with a sentence on what was left out; absent where nothing was.
 * @throws {AuthcostError} a usage error that names the wrong option.
 */
export function measurablePoolPlan(
  input: PoolGridInput,
  coresFor: CoresFor,
): { readonly plan: Plan; readonly leftOut?: string } {
  const plan = withInstanceCores(poolTuningPlan(input), coresFor)
  if (!('absent' in plan)) return { plan }
  const { instances: _notHere, ...rest } = input
  return { plan: poolTuningPlan(rest), leftOut: `${notMeasurableText(plan)} The rest is measured with one.` }
}

/**
 * The plan of `tune pool`: pool sizes, distances, table sizes and app instances of what asks Postgres, and tokens beside
 * it for the break-even, in closed loops of several numbers of connections.
 *
 * @throws {AuthcostError} a usage error that names the wrong option.
 */
export function poolTuningPlan(input: PoolGridInput): Plan {
  const { variants, pool, connections, dbDelay, instances, tokens, sessions, plainGrid, ...rest } = {
    ...poolGridDefaults,
    ...input,
  }
  const asking = variants.length === 0 ? poolGridDefaults.variants : variants
  const algorithms = tokens === 'none' ? [] : tokens.split(',').map((algorithm) => algorithm.trim())
  const sizes = String(sessions ?? '').includes(',')
  const vary = [
    `pool=${pool}`,
    `connections=${connections}`,
    ...(dbDelay === '0' ? [] : [`dbDelay=${dbDelay}`]),
    ...(sizes ? [`sessions=${sessions}`] : []),
    ...(instances === undefined ? [] : [`instances=${instances}`]),
  ]
  const planInput: PlanInput = {
    profile: 'quick',
    ...rest,
    variants: [...asking, ...algorithms.map((algorithm) => `jwt:alg=${algorithm}`)],
    vary,
    ...(sessions === undefined || sizes ? {} : { sessions }),
  }
  const untunable = asking.map(parseVariant).find((variant) => !asksPostgres(variant))
  if (untunable !== undefined) {
    throw usageError('usage.tune', `${untunable.id} asks Postgres nothing on a request: there is no pool to tune.`)
  }
  const plan = planOf(planInput)
  const tuning: Plan = {
    ...plan,
    purpose: 'tune-pool',
    profile: 'custom',
    ...(plainGrid === true ? { plainGrid } : {}),
    loads: plan.loads.flatMap((load): PlannedLoad[] => {
      if (load.mode !== 'saturation') return []
      return [{ ...load, leastResponses: Math.max(fewestResponses, responsesAConnection * load.connections) }]
    }),
  }
  requireFewCells(tuning, parsePlanInput(planInput).maxCells)
  requireDrains(tuning)
  return tuning
}
