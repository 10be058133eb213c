import { randomInt } from 'node:crypto'
import { usageError } from '../../servers/contract/errors.ts'
import type { ResolvedVariant } from '../../servers/contract/strategy.ts'
import { parseVariant } from '../../servers/strategies/table.ts'
import type { PlanRecord } from '../record/run.ts'
import type { BadKind } from '../record/slice.ts'
import { leastRestarts } from '../statistics/restart-interval.ts'
import { requireAxesInUse } from './axis-use.ts'
import { badKindsOf } from './bad-kinds.ts'
import { type Deployment, deployedId } from './deployment.ts'
import { requireDrains } from './drain-time.ts'
import { type ParsedPlanInput, type PlanInput, parsePlanInput } from './input.ts'
import { makeLoads, type PlannedLoad, warmUpConnections } from './planned-load.ts'
import { controlKey, type PlannedVariant, processesOf, processGroups, twinKey } from './planned-variant.ts'
import { type Profile, profiles } from './profile.ts'
import { variantSets } from './variant-sets.ts'
import { type Axes, deploymentsOf, isSweep, parseAxes, varyTexts } from './vary.ts'

/** Everything that will be measured. Made once, by `makePlan`; nothing later changes it. */
export interface Plan {
  readonly profile: Profile['name'] | 'custom'
  readonly seed: number
  /** Groups of at most 8 server processes, each with control and twin of its own. */
  readonly sets: readonly (readonly PlannedVariant[])[]
  readonly restarts: number
  readonly loads: readonly PlannedLoad[]
  readonly connections: number
  readonly poolSize: number
  /** Rows of the tables of sessions, where no deployment says otherwise. */
  readonly sessions: number
  readonly users: number
  readonly zipf: number
  /** Share of bad credentials in slices of their own; 0: there are none. */
  readonly badShare: number
  readonly out: string
  readonly postgres: string
  readonly postgresImage: string
  readonly redis: string | undefined
  /** Image of its container. Absent: a program on the PATH first, else a container of a usual image. */
  readonly redisImage?: string | undefined
  readonly precision: string | undefined
  /** No restart is begun that would end later. Undefined: time is not limited. */
  readonly maxTimeMs: number | undefined
  /** A time limit stops no run without a precision before so many. */
  readonly leastRestarts: number
  readonly keepNodeFlags: boolean
  readonly productionFlags: boolean
  readonly restartPostgres: boolean
  /** Whether the calls of a sign-in's life are measured at the end of each restart. */
  readonly lifecycle: boolean
  /** Whether a look-up is held against one with a core of its own, where servers and Postgres share one. */
  readonly coreSharing: boolean
  /** What the run is to answer, beyond what its variants cost. */
  readonly purpose?: PlanRecord['purpose']
  readonly tokenGrid?: PlanRecord['tokenGrid']
  /** Of `tune pool`: every cell is measured in every restart, settled or not. */
  readonly plainGrid?: boolean
  /** Cores for the servers, where more than one can be had; absent: one. */
  readonly serverCores?: number
}

/** More servers than this at once and each idles too long between its slices. */
export const mostServersAtOnce = 8

/** Bounds of a run that stops by its precision, where none are given. */
const mostRestarts = 200
const defaultMaxTimeMs = 30 * 60_000

/** The texts of the variants that an input asks for, by name, by set or by its profile; not yet looked up. */
export function variantTexts(given: PlanInput): readonly string[] {
  const input = parsePlanInput(given)
  return varyTexts(namedTexts(input), axesOf(input))
}

function namedTexts(input: ParsedPlanInput): readonly string[] {
  const set = variantSets.find(({ name }) => name === input.set)
  if (set === undefined) return input.variants.length === 0 ? profileOf(input).variants : input.variants
  if (input.variants.length === 0) return set.variants
  throw usageError(
    'usage.set',
    `--set ${set.name} names the variants already. Leave out ${input.variants.join(' ')}, or the option.`,
  )
}

/**
 * Parses what was asked for and fills the rest from the profile.
 *
 * @param resolved variants by their text, for those that this module cannot look up: strategy files of the user's.
 * @throws {AuthcostError} a usage error that names the wrong field.
 */
export function makePlan(given: PlanInput, resolved: ReadonlyMap<string, ResolvedVariant> = new Map()): Plan {
  const plan = planOf(given, resolved)
  requireFewCells(plan, parsePlanInput(given).maxCells)
  requireDrains(plan)
  return plan
}

/** One Redis is used: a server that is named, or a container. */
export function refuseTwoRedis({ redis, redisImage }: Pick<ParsedPlanInput, 'redis' | 'redisImage'>): void {
  if (redis === undefined || redisImage === undefined) return
  throw usageError('usage.redis', '--redis names a server and --redis-image a container to start: leave one out.')
}

/** The same before anything is asked of the plan as a whole, for who leaves some of its loads out. */
export function planOf(given: PlanInput, resolved: ReadonlyMap<string, ResolvedVariant> = new Map()): Plan {
  const input = parsePlanInput(given)
  const profile = profileOf(input)
  refuseTwoRedis(input)
  if (input.badKinds && input.badShare === 0) {
    throw usageError(
      'usage.bad-kinds',
      '--bad-kinds goes with --bad-share: say which share of bad credentials is sent among good ones, such as 10%.',
    )
  }
  if (input.precision !== undefined && profile.name === 'quick') {
    throw usageError(
      'usage.precision',
      '--precision does not go with --profile quick, which never stops by what it sees.',
    )
  }
  const axes = axesOf(input)
  requireNotVaried(given, 'rate', axes.rates)
  requireNotVaried(given, 'sessions', axes.sessions)
  requireSessionsForAll(input.users, sessionsOf(input, axes))
  const variants = dropDuplicates(variantTexts(given).map((text) => resolved.get(text) ?? parseVariant(text)))
  const candidates = variants.flatMap((variant) =>
    deploymentsOf(variant, axes).map((deployment) => candidate(variant, deployment)),
  )
  const loads = makeLoads(input, profile, axes, input.badKinds ? badKindsAmong(candidates) : [])
  if (candidates.length === 0) {
    throw usageError(
      'usage.variants',
      'Nothing to measure: the control and its twin come with every run, name at least one other variant.',
    )
  }
  requireAxesInUse(variants, axes)
  const custom = isCustom(input)
  // What somebody has put together takes as long as it takes.
  const ownLimit = custom ? undefined : profile.timeLimit
  return {
    profile: custom ? 'custom' : profile.name,
    seed: input.seed ?? randomInt(2 ** 32),
    sets: makeSets(candidates),
    restarts: input.restarts ?? (input.precision === undefined ? profile.restarts : mostRestarts),
    loads,
    connections: warmUpConnections(input, axes),
    poolSize: input.poolSize,
    sessions: Math.min(...sessionsOf(input, axes)),
    users: input.users,
    zipf: input.zipf,
    badShare: input.badShare,
    out: input.out,
    postgres: input.postgres,
    postgresImage: input.postgresImage,
    redis: input.redis,
    redisImage: input.redisImage,
    precision: input.precision,
    maxTimeMs: input.maxTime ?? (input.precision === undefined ? ownLimit?.ms : defaultMaxTimeMs),
    leastRestarts: ownLimit?.leastRestarts ?? leastRestarts,
    keepNodeFlags: input.keepNodeFlags,
    productionFlags: profile.productionFlags,
    restartPostgres: profile.restartPostgres,
    // A sweep asks what pool, distance or load do to requests; it would measure the same logins over and over.
    lifecycle: input.lifecycle === undefined ? profile.lifecycle && !isSweep(axes) : input.lifecycle === 'on',
    coreSharing: profile.coreSharing,
  }
}

/** All variants of the plan once: control and twin first, then the candidates as named. */
export const plannedVariants = (plan: Plan): readonly PlannedVariant[] => {
  const seen = new Map<string, PlannedVariant>()
  for (const planned of plan.sets.flat()) if (!seen.has(planned.key)) seen.set(planned.key, planned)
  return [...seen.values()]
}

/**
 * Restarts whose servers are asked for sign-ins: each takes seconds (a password hash is slow on purpose), and all ten
 * would take a standard run beyond its six minutes. Their intervals are over these four.
 */
const mostLifecycleRestarts = 4

export const lifecycleRestarts = (plan: Plan): number =>
  plan.lifecycle ? Math.min(plan.restarts, mostLifecycleRestarts) : 0

/** Whose sign-ins are measured: every candidate's, and the control's, which shows what a login costs without any. */
export const lifecycleVariants = (plan: Plan): readonly PlannedVariant[] =>
  plan.sets.flatMap((set) => set.filter(({ role }) => role !== 'twin'))

/** Tables of sessions that the plan wants besides the one of its own size, by their rows. */
export const furtherTableSizes = (plan: Plan): readonly number[] => [
  ...new Set(
    plannedVariants(plan).flatMap(({ deployment }) => {
      const { sessions = plan.sessions } = deployment ?? {}
      return sessions === plan.sessions ? [] : [sessions]
    }),
  ),
]

function profileOf(input: ParsedPlanInput): Profile {
  const profile = profiles.find(({ name }) => name === input.profile)
  if (profile === undefined) throw usageError('usage.profile', `There is no profile "${input.profile}".`)
  return profile
}

function dropDuplicates(variants: readonly ResolvedVariant[]): ResolvedVariant[] {
  const byId = new Map(variants.map((variant) => [variant.id, variant]))
  byId.delete(controlKey)
  return [...byId.values()]
}

function candidate(variant: ResolvedVariant, deployment: Deployment | undefined): PlannedVariant {
  if (deployment === undefined) return { key: variant.id, role: 'candidate', variant }
  return { key: deployedId(variant.id, deployment), role: 'candidate', variant, deployment }
}

/** Kinds of bad credentials that at least one candidate has to refuse. */
const badKindsAmong = (candidates: readonly PlannedVariant[]): readonly BadKind[] => [
  ...new Set(candidates.flatMap(({ variant }) => badKindsOf(variant.traits).sent)),
]

/**
 * As many candidates a set as have room beside control and twin; those that can share a process count as one, and each
 * app instance as one more. Every group goes into the first set with room for it.
 */
function makeSets(candidates: readonly PlannedVariant[]): PlannedVariant[][] {
  const control = parseVariant('none')
  const sets: { room: number; readonly groups: PlannedVariant[][] }[] = []
  for (const group of processGroups(candidates).values()) {
    const processes = processesOf(group)
    const found = sets.find(({ room }) => room >= processes)
    const set = found ?? { room: mostServersAtOnce - 2, groups: [] }
    if (found === undefined) sets.push(set)
    set.room -= processes
    set.groups.push(group)
  }
  return sets.map(({ groups }) => [
    { key: controlKey, role: 'control', variant: control },
    { key: twinKey, role: 'twin', variant: control },
    ...groups.flat(),
  ])
}

/** What `--vary` and `--db-delay` ask for. */
function axesOf({ vary, dbDelay }: ParsedPlanInput): Axes {
  return parseAxes([...vary, ...(dbDelay === undefined ? [] : [`dbDelay=${dbDelay}`])])
}

/** Rows of every table that is wanted: one, unless sizes are varied. */
const sessionsOf = ({ sessions }: ParsedPlanInput, axes: Axes): readonly number[] =>
  axes.sessions.length === 0 ? [sessions] : axes.sessions

function requireSessionsForAll(users: number, sizes: readonly number[]): void {
  const smallest = Math.min(...sizes)
  if (users <= smallest) return
  throw usageError('usage.users', `--users ${users} is more than --sessions ${smallest}: every user needs a session.`)
}

/** What is varied beside its own option would leave that out; not told by the parsed input, which has defaults. */
function requireNotVaried(given: PlanInput, field: 'rate' | 'sessions', values: readonly number[]): void {
  const value = given[field]
  if (value === undefined || values.length === 0) return
  const all = [...new Set([String(value), ...values.map(String)])]
  throw usageError(
    'usage.vary',
    `--${field} ${value} is not measured beside --vary ${field}. Leave it out, or give all values in one list: --vary ${field}=${all.join(',')}.`,
  )
}

/** Variants as deployed times loads. */
export const cellsOf = ({ sets, loads }: Pick<Plan, 'sets' | 'loads'>): number =>
  sets.flat().filter(({ role }) => role === 'candidate').length * loads.length

/** @throws {AuthcostError} `usage.cells` for a plan of more cells. */
export function requireFewCells(plan: Pick<Plan, 'sets' | 'loads'>, most: number): void {
  const cells = cellsOf(plan)
  if (cells <= most) return
  throw usageError(
    'usage.cells',
    `That makes ${cells} cells (variants as deployed times loads), more than ${most}. Vary less, or allow it with --max-cells ${cells}.`,
  )
}

/** Anything that changes what or how much is measured makes a profile one's own. */
const isCustom = (input: ParsedPlanInput): boolean =>
  input.variants.length > 0 ||
  input.set !== undefined ||
  input.vary.length > 0 ||
  input.dbDelay !== undefined ||
  input.lifecycle !== undefined ||
  [input.restarts, input.rounds, input.slice, input.rate, input.precision, input.maxTime].some(
    (value) => value !== undefined,
  ) ||
  input.connections !== 10 ||
  input.poolSize !== 10 ||
  input.sessions !== 100_000 ||
  input.users !== 5000 ||
  input.zipf !== 1 ||
  input.badShare !== 0 ||
  input.keepNodeFlags
