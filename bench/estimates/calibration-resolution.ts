import type { Results } from '../record/run.ts'
import type { Load } from '../record/slice.ts'
import { type Interval, leastRestarts, restartInterval } from '../statistics/restart-interval.ts'
import { median } from '../statistics/samples.ts'
import { studentQuantile } from '../statistics/student-t.ts'
import { twinDifferences } from './calibration-twin.ts'
import type { Cell } from './cells.ts'

/** How small a cost can be told from none under one load, and what more time would give. */
export interface Resolution {
  readonly load: Load
  /** The twin's difference from the control, app CPU per request, microseconds: the truth is 0. */
  readonly twin: Interval
  /** From the start of one restart to that of the next, all variants of the run measured. */
  readonly secondsPerRestart: number
  readonly byTime: readonly {
    readonly minutes: number
    readonly restarts: number
    /** Expected half-width, microseconds; absent where the time is too short for an interval. */
    readonly smallestUs?: number
  }[]
}

/** Minutes of measuring that are shown. */
const minutesShown = [1, 5, 15, 60]

/**
 * The half-width to expect after some minutes: the spread of the twin's difference between restarts over the root of
 * the restarts made in that time, times Student's t for so many. Only the spread is taken from the run, so a lucky
 * point estimate makes nothing look finer than it is.
 */
export function resolutions({ slices }: Pick<Results, 'slices'>, cells: readonly Cell[]): Resolution[] {
  const secondsPerRestart = restartSeconds(slices)
  if (secondsPerRestart === undefined) return []
  return cells.flatMap((cell) => {
    if (cell.load.mode === 'unloaded') return []
    const differences = twinDifferences(cell)
    if ('absent' in differences) return []
    const twin = restartInterval(differences, { leastRounds: cell.leastRounds })
    if ('absent' in twin) return []
    const byTime = minutesShown.map((minutes) => {
      const restarts = Math.floor((60 * minutes) / secondsPerRestart)
      if (restarts < leastRestarts) return { minutes, restarts }
      return {
        minutes,
        restarts,
        smallestUs: (studentQuantile(0.975, restarts - 1) * twin.restartSd) / Math.sqrt(restarts),
      }
    })
    return [{ load: cell.load, twin, secondsPerRestart, byTime }]
  })
}

/** The middle distance between the first slices of neighbouring restarts; undefined with fewer than two. */
function restartSeconds(slices: Results['slices']): number | undefined {
  const starts = new Map<number, number>()
  for (const { restart, group, startedAt } of slices) {
    if (group !== 'default') continue
    const at = Date.parse(startedAt)
    starts.set(restart, Math.min(starts.get(restart) ?? Number.POSITIVE_INFINITY, at))
  }
  const sorted = [...starts.values()].sort((a, b) => a - b)
  const distances = sorted.slice(1).map((start, index) => (start - (sorted[index] ?? start)) / 1000)
  return distances.length === 0 ? undefined : Math.max(median(distances), 1e-3)
}
