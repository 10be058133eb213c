import { type Contest, type Standing, standings } from '../../statistics/good-enough.ts'
import type { Cell } from '../cells.ts'
import type { MergedHistograms } from '../histogram-figures.ts'
import type { PoolVariant } from './pool-grid.ts'
import { requestsPerSecond, responseTime } from './pool-sources.ts'
import { ownValues, pairedValues, quantileValues, restartsOf } from './restart-values.ts'

/** The pools of one strategy at one distance, held against one another at one concurrency. */
export interface PoolContest {
  /** Pools that can differ here, ascending by size. */
  readonly contenders: readonly PoolVariant[]
  /** Larger ones, which cannot differ from the largest contender. */
  readonly spared: readonly PoolVariant[]
  /** Contenders with at least one usable restart, ascending by size, each with where it stands. */
  readonly entries: readonly PoolEntry[]
  /** Contenders that could not be used at all. */
  readonly left: readonly PoolVariant[]
  /** Restarts made of any of them. */
  readonly restarts: number
  /** Per restart ln(throughput) and ln(p95) of `a` over `b`; those in which both are known. */
  logRatios(a: PoolVariant, b: PoolVariant): { readonly throughput: readonly number[]; readonly p95: readonly number[] }
}

export interface PoolEntry {
  readonly pool: PoolVariant
  readonly standing: Standing
  /** Mean over restarts of the medians of its rounds, requests per second. */
  readonly requestsPerSecond: number
}

type Ratios = ReadonlyMap<string, number>

/**
 * The pools that can differ with so many connections: one with a connection for every query that can be under way at
 * once is never waited for, and a larger one is that pool with connections that nobody uses.
 */
function contendersOf(cell: Cell, pools: readonly PoolVariant[]): readonly PoolVariant[] {
  const atOnce = queriesAtOnce(cell, pools)
  const enough = pools.findIndex(
    ({ poolSize, place }) => poolSize >= Math.ceil(cell.load.connections / (place.appInstances ?? 1)) * atOnce,
  )
  return enough === -1 ? pools : pools.slice(0, enough + 1)
}

/** Of one request, if it made all of its queries at the same time. */
function queriesAtOnce(cell: Cell, pools: readonly PoolVariant[]): number {
  const slices = pools.flatMap(({ id }) => [...(cell.variants.get(id)?.values() ?? [])].flat())
  const perRequest = slices.map(({ app, requests }) => (requests === 0 ? 0 : Math.ceil(app.queries / requests)))
  return Math.max(1, ...perRequest)
}

/** Pairs by round within a restart; which pools were dropped on the way shows in their restarts. */
export function poolContest(cell: Cell, all: readonly PoolVariant[], merged: MergedHistograms): PoolContest {
  const pools = contendersOf(cell, all)
  const throughputs = new Map(pools.map(({ id }) => [id, ownValues(cell, id, requestsPerSecond)]))
  const usable = pools.filter(({ id }) => (throughputs.get(id)?.size ?? 0) > 0)
  const restarts = restartsOf(cell).filter((name) => usable.some(({ id }) => throughputs.get(id)?.has(name)))
  const p95 = new Map(
    usable.map(({ id }) => [id, quantileValues(cell, id, { source: responseTime, quantile: 0.95 }, merged)]),
  )
  const known = new Map<string, { readonly throughput: Ratios; readonly p95: Ratios }>()
  const ratiosOf = (a: string, b: string): { readonly throughput: Ratios; readonly p95: Ratios } => {
    const key = `${a} ${b}`
    const found = known.get(key)
    if (found !== undefined) return found
    const made = {
      throughput: pairedValues(cell, [a, b], requestsPerSecond, (own, other) => Math.log(own / other)),
      p95: quotients(p95.get(a), p95.get(b)),
    }
    known.set(key, made)
    return made
  }
  const contest: Contest = {
    contenders: usable.length,
    restarts: restarts.length,
    throughput: (a, b, restart) => ratioIn('throughput', a, b, restart),
    latency: (a, b, restart) => ratioIn('p95', a, b, restart),
  }
  function ratioIn(metric: 'throughput' | 'p95', a: number, b: number, restart: number): number | undefined {
    const [own, other, name] = [usable[a], usable[b], restarts[restart]]
    return own === undefined || other === undefined || name === undefined
      ? undefined
      : ratiosOf(own.id, other.id)[metric].get(name)
  }
  const spared = all.slice(pools.length)
  const stood = pools.length === 1 && spared.length > 0 ? [likeAllLarger] : standings(contest)
  return {
    contenders: pools,
    spared,
    entries: usable.flatMap((pool, index) => {
      const standing = stood[index]
      const values = [...(throughputs.get(pool.id)?.values() ?? [])]
      const sum = values.reduce((total, value) => total + value, 0)
      return standing === undefined ? [] : [{ pool, standing, requestsPerSecond: sum / values.length }]
    }),
    left: pools.filter((pool) => !usable.includes(pool)),
    restarts: restarts.length,
    logRatios: (a, b) => {
      const { throughput, p95: latency } = ratiosOf(a.id, b.id)
      return { throughput: finite(throughput), p95: finite(latency) }
    },
  }
}

/** Where the only contender stands, larger ones being the same pool: nothing needs to be compared. */
const same = { value: 0, low: 0, high: 0 }
const likeAllLarger: Standing = { throughput: same, latency: same, shown: 'non-inferior' }

const finite = (ratios: Ratios): readonly number[] => [...ratios.values()].filter(Number.isFinite)

function quotients(own: Ratios | undefined, other: Ratios | undefined): Ratios {
  const ratios = new Map<string, number>()
  for (const [restart, value] of own ?? []) {
    const theirs = other?.get(restart)
    if (theirs !== undefined && value > 0 && theirs > 0) ratios.set(restart, Math.log(value / theirs))
  }
  return ratios
}
