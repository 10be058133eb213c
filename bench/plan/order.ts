import { createRandom, type Random, shuffle } from '../statistics/random.ts'
import { badKindsOf } from './bad-kinds.ts'
import { mostServersAtOnce, type Plan } from './plan.ts'
import type { PlannedLoad } from './planned-load.ts'
import { type PlannedVariant, processesOf, processGroups } from './planned-variant.ts'

/** One lap over variants that are compared with one another: each once, under one load, in an order of its own. */
export interface PlannedRound {
  readonly load: PlannedLoad
  /** 0-based within the restart and the load; unique in them, so that slices of a round can be paired by it. */
  readonly round: number
  readonly order: readonly PlannedVariant[]
  /** Rounds of one block have the same load and the same variants. */
  readonly block: string
  /** Added to the planned ones. */
  readonly further?: true
}

/** A server of a restart (one process, or its app instances), and the variants it serves in turn: they differ in what can be changed while it lives. */
export interface PlannedServer {
  readonly key: string
  readonly serves: readonly PlannedVariant[]
}

/** Whether a variant is still measured under a load; the stopping rule of a sweep decides. */
export type IsActive = (variant: PlannedVariant, load: PlannedLoad) => boolean

/** More than this in one round, and control and twin would idle for seconds between their slices. */
const mostCandidatesARound = 10

/** The order of the sets of one restart. */
export const orderOfSets = (plan: Plan, restart: number): number[] =>
  shuffle(
    plan.sets.map((_, set) => set),
    createRandom(plan.seed, `sets/${restart}`),
  )

/**
 * The rounds of one set in one restart: saturation first, while the warm-up is fresh, then fixed rates, then unloaded.
 * Each round's order is drawn from the seed by place, not by time, so that an interrupted run could be followed. A
 * large set is measured in blocks, each with control and twin: variants at one distance from the database, and with
 * tables of one size, together. What is no longer measured takes no room in them.
 */
export function roundsOf(plan: Plan, set: number, restart: number, isActive: IsActive = () => true): PlannedRound[] {
  const variants = plan.sets[set] ?? []
  const beside = variants.filter(({ role }) => role !== 'candidate')
  const inOrder = plan.loads.map((load, index) =>
    blocksOf(plan, set, restart, (variant) => isActive(variant, load)).flatMap((block, blockIndex) => {
      const active = block.filter((variant) => meets(variant, load))
      if (active.length === 0 && variants.length > beside.length) return []
      const all = [...beside.filter((variant) => meets(variant, load)), ...active]
      return Array.from({ length: load.rounds }, (_, lap) => {
        const round = blockIndex * load.rounds + lap
        const random = createRandom(plan.seed, `order/${set}/${restart}/${index}/${round}`)
        return { load, round, order: shuffle(all, random), block: `${index}/${blockIndex}` }
      })
    }),
  )
  return inOrder.flatMap((rounds, index) => {
    const load = plan.loads[index]
    if (load?.mode === 'bad-traffic') return []
    return load?.mode === 'saturation' ? withBadTraffic(rounds, inOrder.flat(), load.connections) : rounds
  })
}

/**
 * One more round like `last`, in an order of its own.
 *
 * @param rounds the planned ones of the restart, as `roundsOf` has them
 * @param number 0-based among the further rounds of its load in this restart
 */
export function furtherRound(
  { seed }: Plan,
  { set, restart }: { readonly set: number; readonly restart: number },
  rounds: readonly PlannedRound[],
  last: PlannedRound,
  number: number,
): PlannedRound {
  // Behind the last planned one, whose number is no count: a sweep that has settled leaves out blocks.
  const round = Math.max(...rounds.map((one) => (one.load === last.load ? one.round : 0))) + 1 + number
  const random = createRandom(seed, `order/${set}/${restart}/further/${last.block}/${round}`)
  return { ...last, further: true, round, order: shuffle([...last.order], random) }
}

/** A single kind of bad credentials is only for those who have to refuse it; the control knows no revoked ones. */
const meets = ({ variant }: PlannedVariant, load: PlannedLoad): boolean =>
  load.mode !== 'bad-traffic' || load.kind === undefined || badKindsOf(variant.traits).sent.includes(load.kind)

/** Each round of bad traffic right behind the same round without, so that the two can be compared in pairs. */
function withBadTraffic(rounds: PlannedRound[], all: readonly PlannedRound[], connections: number): PlannedRound[] {
  const bad = all.filter(({ load }) => load.mode === 'bad-traffic' && load.connections === connections)
  return rounds.flatMap((one) => [one, ...bad.filter(({ round }) => round === one.round)])
}

/**
 * Candidates of a set by distance from the database and size of the table, in blocks of a size that a round can have. A
 * place at which nothing is measured any more keeps an empty one, so that those behind it keep their numbers.
 */
function blocksOf(
  plan: Plan,
  set: number,
  restart: number,
  isMeasured: (planned: PlannedVariant) => boolean,
): PlannedVariant[][] {
  const byPlace = new Map<string, PlannedVariant[]>()
  for (const planned of plan.sets[set] ?? []) {
    if (planned.role !== 'candidate') continue
    const { dbDelayUs = 0, sessions = plan.sessions } = planned.deployment ?? {}
    const place = `${dbDelayUs} ${sessions}`
    byPlace.set(place, [...(byPlace.get(place) ?? []), planned])
  }
  const blocks = [...byPlace.values()].flatMap((candidates) =>
    split(candidates.filter(isMeasured), createRandom(plan.seed, `blocks/${set}/${restart}`)),
  )
  return blocks.length === 0 ? [[]] : blocks
}

/**
 * Those that could share a process (pools of one strategy) compete, and are compared within rounds only: they stay in
 * one block. More of them than a round can have are dealt anew in each restart, so that any two meet in some.
 */
function split(candidates: readonly PlannedVariant[], random: Random): PlannedVariant[][] {
  if (candidates.length <= mostCandidatesARound) return [[...candidates]]
  const parts = [...processGroups(candidates).values()].flatMap((group) =>
    deal(shuffle(group, random), Math.ceil(group.length / mostCandidatesARound)),
  )
  const blocks: PlannedVariant[][] = []
  // Largest first: few blocks, and as many in every restart.
  for (const part of shuffle(parts, random).sort((a, b) => b.length - a.length)) {
    const block = blocks.find(({ length }) => length + part.length <= mostCandidatesARound)
    if (block === undefined) blocks.push([...part])
    else block.push(...part)
  }
  return shuffle(blocks, random)
}

const deal = <T>(items: readonly T[], hands: number): T[][] =>
  Array.from({ length: hands }, (_, hand) => items.filter((_item, index) => index % hands === hand))

/**
 * The servers of a set in one restart. Variants that differ only in what a live server can change share as many servers
 * as there is room for, counting every app instance; who serves whom is drawn anew in each restart, so that what one process has
 * that another has not averages out.
 */
export function serversOf(plan: Plan, set: number, restart: number): PlannedServer[] {
  const groups = processGroups(plan.sets[set] ?? [])
  const share = serversAGroup(groups)
  return [...groups].flatMap(([key, group]) => {
    const hands = Math.min(share, group.length)
    const dealt = deal(shuffle(group, createRandom(plan.seed, `servers/${set}/${restart}/${key}`)), hands)
    return dealt.map((serves, index) => ({
      key: group.length === 1 ? (group[0]?.key ?? key) : `${key} process ${index + 1}`,
      serves,
    }))
  })
}

/** How many servers each group of a set may have: as many as there is room for beside control and twin. */
export function serversAGroup(groups: ReadonlyMap<string, readonly PlannedVariant[]>): number {
  const processes = [...groups.values()]
    .filter(([first]) => first?.role === 'candidate')
    .reduce((sum, group) => sum + processesOf(group), 0)
  return Math.max(1, Math.floor((mostServersAtOnce - 2) / Math.max(1, processes)))
}
