import type { Results } from '../record/run.ts'
import type { Absent, Load } from '../record/slice.ts'
import { createRandom, type Random } from '../statistics/random.ts'
import { type Interval, restartInterval } from '../statistics/restart-interval.ts'
import { twinDifferences } from './calibration-twin.ts'
import type { Cell } from './cells.ts'

/** How often the 95 % interval of an A/A comparison holds the truth, which is 0. */
export interface AgainstItself {
  readonly load: Load
  readonly simulated: { readonly comparisons: number; readonly covered: number } | Absent
  /** Separate comparisons that were really made, each on restarts of its own; absent where there were too few. */
  readonly repeated?: { readonly comparisons: number; readonly covered: number; readonly restartsEach: number }
}

/** A share of 95 % is then known to about half a per cent. */
export const simulatedComparisons = 4000

/**
 * With n restarts of like size all signs agree by chance in 2^(1 - n) of the draws, whatever the estimator: 12 % with 4,
 * below 1 % with 8. With fewer the simulation would judge its own poverty.
 */
export const fewestRestartsToSimulate = 8

/** As few as `quick` makes; so many that a repetition is an interval of its own. */
const restartsOfRepetition = 4

const holdsZero = ({ low, high }: Interval): boolean => low <= 0 && 0 <= high

/**
 * Simulates comparisons of a server with its twin from the recorded rounds: restarts are drawn with replacement, and in
 * each the two change places by the toss of a coin, which makes the truth exactly 0 whatever was recorded.
 */
export function comparisonsWithItself(results: Pick<Results, 'run'>, cells: readonly Cell[]): AgainstItself[] {
  return cells.flatMap((cell, index) => {
    if (cell.load.mode === 'unloaded') return []
    const differences = twinDifferences(cell)
    if ('absent' in differences) return []
    const usable = differences.filter(({ length }) => length >= cell.leastRounds)
    const options = { leastRounds: cell.leastRounds }
    const simulated = simulate(usable, createRandom(results.run.seed, `a-a/${index}`), options)
    const repeated = repetitions(usable, options)
    return [{ load: cell.load, simulated, ...(repeated === undefined ? {} : { repeated }) }]
  })
}

function simulate(
  restarts: readonly (readonly number[])[],
  random: Random,
  options: { readonly leastRounds: number },
): AgainstItself['simulated'] {
  if (restarts.length < fewestRestartsToSimulate) {
    return { absent: `${restarts.length} of at least ${fewestRestartsToSimulate} restarts can be drawn from` }
  }
  let covered = 0
  for (let i = 0; i < simulatedComparisons; i++) {
    const drawn = restarts.map(() => {
      const sign = random.next() < 0.5 ? -1 : 1
      return (restarts[random.below(restarts.length)] ?? []).map((difference) => sign * difference)
    })
    const interval = restartInterval(drawn, options)
    if ('absent' in interval) return interval
    if (holdsZero(interval)) covered++
  }
  return { comparisons: simulatedComparisons, covered }
}

/** Cuts the restarts into comparisons that share none; two at least, or there is nothing to count. */
function repetitions(
  restarts: readonly (readonly number[])[],
  options: { readonly leastRounds: number },
): AgainstItself['repeated'] {
  const blocks = Math.floor(restarts.length / restartsOfRepetition)
  if (blocks < 2) return undefined
  let covered = 0
  for (let block = 0; block < blocks; block++) {
    const from = block * restartsOfRepetition
    const interval = restartInterval(restarts.slice(from, from + restartsOfRepetition), options)
    if (!('absent' in interval) && holdsZero(interval)) covered++
  }
  return { comparisons: blocks, covered, restartsEach: restartsOfRepetition }
}
