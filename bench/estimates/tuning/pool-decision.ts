import type { Results } from '../../record/run.ts'
import { firstLook } from '../../statistics/good-enough.ts'
import { createMergedHistograms } from '../histogram-figures.ts'
import { poolAnswer } from './pool-answer.ts'
import { poolContest } from './pool-contest.ts'
import { groupsOf, poolGrid } from './pool-grid.ts'

/** A variant of the sweep at a number of connections. */
export interface ActiveCell {
  readonly variant: string
  readonly connections: number
}

export interface PoolDecision {
  /** Swept cells that are still worth a restart; those of other candidates (tokens) are not among them. */
  readonly active: readonly ActiveCell[]
  /** Every recommendation is settled, or nothing more can be learned. */
  readonly stop: boolean
  /** `4 of 6 recommendations are settled` */
  readonly settled: string
  /** `31 of 60 cells go on` */
  readonly goingOn: string
}

/**
 * The rule `pools-3`, asked after each restart: a pool shown to be too poor gets no further rounds; where the answer is
 * settled, no pool does; the run stops when all answers are. Its error rate is that of the answers, because bounds hold
 * over all looks at once (docs/method.md, Tuning).
 */
export function decideOnPools(record: Pick<Results, 'plan' | 'slices'>, restartsDone: number): PoolDecision {
  const grid = poolGrid(record)
  const merged = createMergedHistograms()
  let cells = 0
  let settled = 0
  let unsettled = 0
  const active: ActiveCell[] = []
  for (const { pools } of groupsOf(grid)) {
    for (const { connections, cell } of grid.levels) {
      cells += pools.length
      const contest = poolContest(cell, pools, merged)
      const answer = poolAnswer(contest)
      if (answer.state === 'settled') {
        settled++
        continue
      }
      unsettled++
      const poor = new Set(
        contest.entries.filter(({ standing }) => standing.shown === 'inferior').map(({ pool }) => pool.id),
      )
      const { contenders } = contest
      const worth = contenders.filter(({ id }) => !poor.has(id))
      // All shown too poor is a contradiction (chance, or a machine that changed): more rounds of all may resolve it.
      for (const { id } of worth.length === 0 ? contenders : worth) active.push({ variant: id, connections })
    }
  }
  const answers = settled + unsettled
  return {
    active,
    stop: restartsDone >= firstLook && answers > 0 && unsettled === 0,
    settled: `${settled} of ${answers} recommendations are settled`,
    goingOn: `${active.length} of ${cells} cells go on`,
  }
}
