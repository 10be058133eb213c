import { usageError } from '../../servers/contract/errors.ts'
import { nearestName } from '../../servers/contract/nearest-name.ts'
import type { ResolvedVariant } from '../../servers/contract/strategy.ts'
import { splitVariant, strategyNamed, type VariantText } from '../../servers/strategies/table.ts'
import { asksPostgres, readsSessionTable } from './axis-use.ts'
import type { Deployment } from './deployment.ts'
import { durationSchema } from './duration.ts'

/** What `--vary` asks for, sorted by what it varies. Empty lists: not varied. */
export interface Axes {
  /** Numbers of connections of the closed loop. */
  readonly connections: readonly number[]
  /** Requests per second of the open loop. */
  readonly rates: readonly number[]
  readonly poolSizes: readonly number[]
  /** Round trips added to the database, microseconds. */
  readonly dbDelaysUs: readonly number[]
  /** Rows of the tables in which sessions lie. */
  readonly sessions: readonly number[]
  /** Server processes that share the database, each with a pool of its own. */
  readonly instances: readonly number[]
  readonly threads: readonly number[]
  /** Parameters of strategies, as typed. */
  readonly parameters: readonly { readonly name: string; readonly values: readonly string[] }[]
}

/** Whether anything but parameters of the variants is varied. */
export const isSweep = ({ parameters: _ofVariants, ...axes }: Axes): boolean =>
  Object.values(axes).some((values) => values.length > 0)

export const noAxes: Axes = {
  connections: [],
  rates: [],
  poolSizes: [],
  dbDelaysUs: [],
  sessions: [],
  instances: [],
  threads: [],
  parameters: [],
}

interface AxisKind {
  readonly field: Exclude<keyof Axes, 'parameters'>
  readonly least: number
  readonly most: number
  read(text: string): number | undefined
}

const whole = (text: string): number | undefined => (/^\d+$/.test(text) ? Number(text) : undefined)

function microseconds(text: string): number | undefined {
  const parsed = durationSchema('ms').safeParse(text)
  return parsed.success ? Math.round(parsed.data * 1000) : undefined
}

/** As many as there is room for beside control and twin (`mostServersAtOnce`). */
export const mostInstances = 6

/** The gate holds the credentials of two users against each other (bench/gate/run-gate.ts); each needs a session. */
export const fewestUsers = 2

/** What can be varied besides parameters of strategies: one entry each. */
const axisKinds: ReadonlyMap<string, AxisKind> = new Map<string, AxisKind>([
  ['connections', { field: 'connections', least: 1, most: 4096, read: whole }],
  ['rate', { field: 'rates', least: 1, most: 1_000_000, read: whole }],
  ['pool', { field: 'poolSizes', least: 1, most: 1000, read: whole }],
  ['dbDelay', { field: 'dbDelaysUs', least: 0, most: 1_000_000, read: microseconds }],
  ['sessions', { field: 'sessions', least: fewestUsers, most: 10_000_000, read: whole }],
  ['instances', { field: 'instances', least: 1, most: mostInstances, read: whole }],
  ['threads', { field: 'threads', least: 1, most: 1024, read: whole }],
])

export const axisNames: readonly string[] = [...axisKinds.keys()]

/**
 * Reads `name=a,b,c` as given with `--vary`, each name once.
 *
 * @throws {AuthcostError} a usage error that names the axis.
 */
export function parseAxes(texts: readonly string[]): Axes {
  const axes = {
    connections: [] as number[],
    rates: [] as number[],
    poolSizes: [] as number[],
    dbDelaysUs: [] as number[],
    sessions: [] as number[],
    instances: [] as number[],
    threads: [] as number[],
    parameters: [] as { name: string; values: string[] }[],
  }
  const seen = new Set<string>()
  for (const text of texts) {
    const { name, values } = splitAxis(text)
    if (seen.has(name))
      throw usageError('usage.vary', `--vary ${name} is given twice. Give all its values in one list.`)
    seen.add(name)
    const kind = axisKinds.get(name)
    if (kind === undefined) axes.parameters.push({ name, values })
    // Once each, however they are written: 0 and 0ms.
    else axes[kind.field].push(...new Set(values.map((value) => readValue(name, value, kind))))
  }
  return axes
}

function splitAxis(text: string): { name: string; values: string[] } {
  const match = /^\s*([A-Za-z][\w-]*)\s*=(.*)$/.exec(text)
  const values = [...new Set((match?.[2] ?? '').split(',').map((value) => value.trim()))].filter(
    (value) => value !== '',
  )
  const name = match?.[1]
  if (name !== undefined && values.length > 0) return { name, values }
  throw usageError('usage.vary', `--vary ${text} cannot be read. It looks like pool=2,5,10 or alg=HS256,ES256.`)
}

function readValue(name: string, text: string, { least, most, read }: AxisKind): number {
  const value = read(text)
  if (value !== undefined && value >= least && value <= most) return value
  const range = name === 'dbDelay' ? 'a duration such as 0.5ms, at most 1s' : `a whole number from ${least} to ${most}`
  throw usageError('usage.vary', `--vary ${name}=${text} is not possible: expected ${range}.`)
}

/**
 * Every text with every combination of the varied parameters that its strategy has: `jwt` with alg=HS256,ES256 gives
 * `jwt:alg=HS256` and `jwt:alg=ES256`. A strategy file is loaded only later, so it is taken to have them all.
 *
 * @throws {AuthcostError} a usage error for a parameter that none of them has, or that a text gives already.
 */
export function varyTexts(texts: readonly string[], { parameters }: Axes): readonly string[] {
  if (parameters.length === 0) return texts
  const variants = texts.map((text) => ({ text, ...splitVariant(text.trim()) }))
  for (const { name } of parameters) requireKnown(name, variants)
  return variants.flatMap((variant) => {
    let combinations = [variant.text.trim()]
    for (const { name, values } of parameters.filter((one) => hasParameter(variant, one.name))) {
      if (Object.hasOwn(variant.raw, name)) {
        throw usageError('usage.vary', `${variant.text} gives ${name} already. Leave it out there, or out of --vary.`)
      }
      combinations = combinations.flatMap((text) =>
        values.map((value) => `${text}${text.includes(':') ? ',' : ':'}${name}=${value}`),
      )
    }
    return combinations
  })
}

const parametersOf = (strategy: string): string[] => Object.keys(strategyNamed(strategy).parse({}).parameters)

const hasParameter = ({ strategy, isFile }: VariantText, name: string): boolean =>
  isFile || parametersOf(strategy).includes(name)

function requireKnown(name: string, variants: readonly VariantText[]): void {
  if (variants.some((variant) => hasParameter(variant, name))) return
  const known = [...new Set(variants.flatMap(({ strategy }) => parametersOf(strategy)))]
  const nearest = nearestName(name, [...known, ...axisNames])
  const hint = nearest === undefined ? '' : ` Did you mean ${nearest}?`
  throw usageError(
    'usage.vary',
    `--vary ${name}: none of these variants has a parameter of that name.${hint} Besides their parameters, ${axisNames.join(', ')} can be varied.`,
  )
}

/**
 * Every way a variant is to be deployed: pool, distance and app instances where it asks Postgres, which is what instances
 * share; rows where it looks sessions up there; thread-pool size for all.
 *
 * @returns one entry, undefined, where nothing that applies to it is varied.
 */
export function deploymentsOf(
  variant: ResolvedVariant,
  { poolSizes, dbDelaysUs, sessions, instances, threads }: Axes,
): readonly (Deployment | undefined)[] {
  let deployments: Deployment[] = [{}]
  const times = (values: readonly number[], make: (value: number) => Deployment) => {
    if (values.length === 0) return
    deployments = deployments.flatMap((deployment) => values.map((value) => ({ ...deployment, ...make(value) })))
  }
  if (asksPostgres(variant)) {
    times(dbDelaysUs, (dbDelayUs) => ({ dbDelayUs }))
    if (readsSessionTable(variant)) times(sessions, (rows) => ({ sessions: rows }))
    times(instances, (processes) => ({ instances: processes }))
    times(poolSizes, (poolSize) => ({ poolSize }))
  }
  times(threads, (uvThreadpoolSize) => ({ uvThreadpoolSize }))
  return deployments.map((deployment) => (Object.keys(deployment).length === 0 ? undefined : deployment))
}
