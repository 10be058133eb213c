import type { Results } from '../../record/run.ts'
import type { Bounded, CustomaryPool, Instances, PoolRecommendation, TuningFigure } from '../../record/tuning.ts'
import { defaultMargins, type LogRatio } from '../../statistics/good-enough.ts'
import type { MergedHistograms } from '../histogram-figures.ts'
import { poolAnswer } from './pool-answer.ts'
import { type PoolContest, type PoolEntry, poolContest } from './pool-contest.ts'
import { groupsOf, type PoolGrid, type PoolPlace } from './pool-grid.ts'
import { ratioOfRestarts } from './restart-values.ts'

/** The default of node-postgres (`max` of its pool). */
const nodePostgresDefault = 10

/** What Postgres comes with: `max_connections` and `superuser_reserved_connections`. */
const postgresDefault = { maxConnections: 100, reservedConnections: 3 }

export interface PoolSurroundings {
  /** Cores of the database; undefined where it is not known. */
  readonly databaseCores: number | undefined
  readonly settings: Results['environment']['postgres']['settings']
}

/** One recommendation per strategy, place and concurrency. */
export function poolRecommendations(
  grid: PoolGrid,
  merged: MergedHistograms,
  surroundings: PoolSurroundings,
): readonly PoolRecommendation[] {
  return groupsOf(grid).flatMap(({ strategy, place, pools }) =>
    grid.levels.flatMap(({ connections, cell }) => {
      if (!pools.some(({ id }) => cell.variants.has(id))) return []
      const contest = poolContest(cell, pools, merged)
      return [{ strategy, connections, ...place, ...recommendation(contest, surroundings) }]
    }),
  )
}

function recommendation(
  contest: PoolContest,
  { databaseCores, settings }: PoolSurroundings,
): Omit<PoolRecommendation, 'strategy' | 'connections' | keyof PoolPlace> {
  const answer = poolAnswer(contest)
  const best = bestOf(contest.entries)
  const against = contest.entries.find(({ pool }) => answer.state === 'settled' && pool.poolSize === answer.poolSize)
  const reference = against ?? best
  const largest = answer.state === 'unsettled' ? answer.between[1] : reference?.pool.poolSize
  return {
    answer,
    ...(best === undefined ? {} : { best: best.pool.poolSize }),
    pools: [
      ...contest.entries.map(({ pool, standing }) => ({
        poolSize: pool.poolSize,
        throughputRatio: ratioOf(standing.throughput),
        p95Ratio: ratioOf(standing.latency),
        shown: standing.shown,
      })),
      ...contest.left.map(({ poolSize }) => ({
        poolSize,
        throughputRatio: { absent: 'too few valid slices' },
        p95Ratio: { absent: 'too few valid slices' },
        shown: 'undecided' as const,
      })),
    ].sort((a, b) => a.poolSize - b.poolSize),
    restarts: contest.restarts,
    confidence: 1 - defaultMargins.error,
    customary: reference === undefined ? [] : customaryPools(contest, reference, databaseCores),
    instances: largest === undefined ? [] : instancesOf(largest, settings),
  }
}

/**
 * The highest throughput of the pools not shown too poor, by ratios within rounds: one that got no further rounds has a
 * mean of other restarts, and would win where the machine was slower later.
 */
function bestOf(entries: readonly PoolEntry[]): PoolEntry | undefined {
  const possible = entries.filter(({ standing }) => standing.shown !== 'inferior')
  const ratio = ({ standing }: PoolEntry): number => standing.throughput?.value ?? Number.NEGATIVE_INFINITY
  // Before the first look there are no ratios (their difference is no number), and all have the same restarts.
  return [...(possible.length === 0 ? entries : possible)].sort(
    (a, b) => ratio(b) - ratio(a) || b.requestsPerSecond - a.requestsPerSecond,
  )[0]
}

function ratioOf(ratio: LogRatio | undefined): TuningFigure {
  if (ratio === undefined || !Number.isFinite(ratio.low) || !Number.isFinite(ratio.high)) {
    return { absent: 'compared in fewer than 3 restarts with some other pool' }
  }
  return { value: Math.exp(ratio.value), low: Math.exp(ratio.low), high: Math.exp(ratio.high) }
}

function customaryPools(contest: PoolContest, reference: PoolEntry, cores: number | undefined): CustomaryPool[] {
  const rules: { readonly rule: CustomaryPool['rule']; readonly poolSize: number }[] = [
    { rule: 'node-postgres-default', poolSize: nodePostgresDefault },
    // postgresql.org wiki, Number Of Database Connections: (cores x 2) + effective spindles, of which one is assumed.
    ...(cores === undefined ? [] : [{ rule: 'two-per-core-plus-one' as const, poolSize: 2 * cores + 1 }]),
  ]
  return rules.flatMap(({ rule, poolSize }) => {
    const distance = (size: number): number => Math.abs(Math.log(size / poolSize))
    const sizes = [...contest.entries.map(({ pool }) => pool), ...contest.spared].map((pool) => pool.poolSize)
    const measuredAs = sizes.sort((a, b) => distance(a) - distance(b))[0]
    // One that was spared is the largest contender, with connections that nobody uses.
    const largest = contest.contenders[contest.contenders.length - 1]
    if (measuredAs === undefined || largest === undefined) return []
    const standsFor = Math.min(measuredAs, largest.poolSize)
    const nearest = contest.entries.find(({ pool }) => pool.poolSize === standsFor)
    if (nearest === undefined) return []
    const own = nearest === reference
    const { throughput, p95 } = contest.logRatios(nearest.pool, reference.pool)
    return [
      {
        rule,
        poolSize,
        measuredAs,
        against: reference.pool.poolSize,
        throughputRatio: own ? same : ratioOfRestarts(throughput),
        p95Ratio: own ? same : ratioOfRestarts(p95),
      },
    ]
  })
}

/** A pool over itself. */
const same: Bounded = { value: 1, low: 1, high: 1 }

function instancesOf(poolSize: number, settings: PoolSurroundings['settings']): Instances[] {
  const under = (server: Instances['server'], maxConnections: number, reservedConnections: number): Instances => ({
    server,
    poolSize,
    fit: Math.max(0, Math.floor((maxConnections - reservedConnections) / poolSize)),
    maxConnections,
    reservedConnections,
  })
  const max = Number(settings.max_connections)
  const reserved = Number(settings.superuser_reserved_connections)
  const measured =
    Number.isInteger(max) && max > 0 && Number.isInteger(reserved)
      ? [under('measured', max, reserved + Number(settings.reserved_connections ?? 0))]
      : []
  return [...measured, under('default', postgresDefault.maxConnections, postgresDefault.reservedConnections)]
}
