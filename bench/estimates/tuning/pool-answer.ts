import type { PoolAnswer } from '../../record/tuning.ts'
import { defaultMargins, firstLook } from '../../statistics/good-enough.ts'
import type { PoolContest, PoolEntry } from './pool-contest.ts'

const { leastThroughput, mostLatency } = defaultMargins

/**
 * Which pool a contest recommends: the smallest that is not shown to be too poor, once it is shown to be good enough.
 * A smaller one that is neither leaves the answer open, so that few rounds let no pool win by default, and another run
 * cannot settle on what this one had not excluded. So does any pool that was never validly measured: it may be the best.
 */
export function poolAnswer(contest: Pick<PoolContest, 'entries' | 'left' | 'restarts'>): PoolAnswer {
  const answer = amongMeasured(contest)
  if (contest.left.length === 0 || answer.state === 'not-measurable') return answer
  const sizes = contest.left.map(({ poolSize }) => poolSize)
  const [low, high] = answer.state === 'settled' ? [answer.poolSize, answer.poolSize] : answer.between
  const others =
    answer.state === 'settled'
      ? `${answer.poolSize} is the smallest of the others shown to be good enough`
      : answer.reason
  const named = sizes.map((size) => `pool ${size} has no restart with enough valid slices`)
  return {
    state: 'unsettled',
    between: [Math.min(low, ...sizes), Math.max(high, ...sizes)],
    reason: [others, ...named].join('; '),
  }
}

function amongMeasured({ entries, restarts }: Pick<PoolContest, 'entries' | 'restarts'>): PoolAnswer {
  const [smallest, second] = entries
  if (smallest === undefined) return { state: 'not-measurable', reason: 'no pool has enough valid slices' }
  if (second === undefined && smallest.standing.shown === 'undecided') {
    return {
      state: 'not-measurable',
      reason: `only one pool size (${smallest.pool.poolSize}) could be measured, so there is nothing to compare it with`,
    }
  }
  const possible = entries.filter(({ standing }) => standing.shown !== 'inferior')
  const shown = entries.filter(({ standing }) => standing.shown === 'non-inferior')
  const [first] = possible
  if (first !== undefined && first === shown[0]) return { state: 'settled', poolSize: first.pool.poolSize }
  const open = possible.length === 0 ? entries : possible
  const low = open[0] ?? smallest
  const high = shown[0] ?? open[open.length - 1] ?? smallest
  return {
    state: 'unsettled',
    between: [low.pool.poolSize, high.pool.poolSize],
    reason: reasonOf(low, shown[0], restarts),
  }
}

function reasonOf({ pool, standing }: PoolEntry, shown: PoolEntry | undefined, restarts: number): string {
  if (restarts < firstLook) return `${restarts} of at least ${firstLook} restarts were made`
  const doubts = [
    ...(standing.throughput === undefined || !(Math.exp(standing.throughput.low) >= leastThroughput)
      ? [`at least ${percent(leastThroughput)} of the best throughput`]
      : []),
    ...(standing.latency === undefined || !(Math.exp(standing.latency.high) <= mostLatency)
      ? [`a p95 of at most ${mostLatency.toFixed(2)} times the lowest`]
      : []),
  ]
  const missing = !Number.isFinite(standing.throughput?.low)
    ? `, because it was compared with some other pool in fewer than ${firstLook} restarts`
    : standing.latency === undefined
      ? ', because too few responses lie beyond p95'
      : ''
  const safe = shown === undefined ? '' : `; ${shown.pool.poolSize} is shown to have both`
  const what = doubts.length === 0 ? 'to be good enough' : `to have ${doubts.join(' and ')}`
  return `pool ${pool.poolSize} is shown neither ${what} nor the contrary${missing}${safe}`
}

const percent = (share: number): string => `${Number((100 * share).toFixed(1))} %`
