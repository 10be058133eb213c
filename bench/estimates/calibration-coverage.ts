import type { Results } from '../record/run.ts'
import type { Load } from '../record/slice.ts'
import { createRandom } from '../statistics/random.ts'
import { type Interval, restartInterval } from '../statistics/restart-interval.ts'
import { twinDifferences } from './calibration-twin.ts'
import type { Cell } from './cells.ts'

/** How often the 95 % interval of an A/A comparison holds the truth, which is 0. */
export interface AgainstItself {
  readonly load: Load
  readonly simulated: { readonly comparisons: number; readonly covered: number }
  /** Separate comparisons that were really made, each on restarts of its own; absent where there were too few. */
  readonly repeated?: { readonly comparisons: number; readonly covered: number; readonly restartsEach: number }
}

/** A share of 95 % is then known to about half a per cent. */
export const simulatedComparisons = 4000

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
    const random = createRandom(results.run.seed, `a-a/${index}`)
    let comparisons = 0
    let covered = 0
    for (let i = 0; i < simulatedComparisons; i++) {
      const drawn = usable.map(() => {
        const sign = random.next() < 0.5 ? -1 : 1
        return (usable[random.below(usable.length)] ?? []).map((difference) => sign * difference)
      })
      const interval = restartInterval(drawn, options)
      if ('absent' in interval) return []
      comparisons++
      if (holdsZero(interval)) covered++
    }
    const repeated = repetitions(usable, options)
    return [{ load: cell.load, simulated: { comparisons, covered }, ...(repeated === undefined ? {} : { repeated }) }]
  })
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
