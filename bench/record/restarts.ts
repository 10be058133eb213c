import type { Results } from './run.ts'

/**
 * Restarts that a run began. The last may be incomplete: its slices stay as they are, and whole restarts follow where it
 * goes on, because a restart is measured by one set of processes or not at all.
 */
export const restartsBegun = ({ slices, warmUps }: Pick<Results, 'slices' | 'warmUps'>): number =>
  Math.max(0, ...[...slices, ...warmUps].map(({ restart }) => restart + 1))

/**
 * How many of them are whole. In files of before this was recorded: all but the last of a run that did not end by itself.
 */
export const restartsWhole = (results: Pick<Results, 'run' | 'slices' | 'warmUps'>): number =>
  results.run.wholeRestarts ??
  (results.run.state === 'complete' ? restartsBegun(results) : Math.max(0, restartsBegun(results) - 1))
