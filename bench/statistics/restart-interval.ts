import type { Absent } from '../record/slice.ts'
import { mean, median, standardDeviation } from './samples.ts'
import { studentQuantile, studentTwoSidedP } from './student-t.ts'

/** A point with its interval, and what stands behind it. */
export interface Interval {
  readonly value: number
  readonly low: number
  readonly high: number
  readonly confidence: number
  /** Two-sided p of "the true value is 0" (of a ratio: 1). */
  readonly p: number
  /** Restarts and rounds used. */
  readonly restarts: number
  readonly rounds: number
  /** Restarts left out, because too few of their rounds were valid. */
  readonly dropped: number
  /** Standard deviation between restarts, on the scale of the calculation (ratios: logarithms). */
  readonly restartSd: number
}

export interface RestartOptions {
  /** 0..1, 0.95 by default. */
  readonly confidence?: number
  /** A restart with fewer rounds drops out: 2 by default, 1 where only one round a restart was planned. */
  readonly leastRounds?: number
}

/** With fewer restarts no interval is given: with two, Student's t is 12.7 times the standard error. */
export const leastRestarts = 3

/**
 * The mean of one value per restart with its Student t interval.
 *
 * @param values one per restart, in the unit of the result.
 * @param counted rounds behind the values, and restarts that gave none; absent: one round each, and none lost
 */
export function intervalOfRestarts(
  values: readonly number[],
  counted: { readonly rounds: number; readonly dropped: number } = { rounds: values.length, dropped: 0 },
  confidence = 0.95,
): Interval | Absent {
  const restarts = values.length
  if (restarts < leastRestarts) {
    const lost = counted.dropped === 0 ? '' : `; ${counted.dropped} had too few valid rounds`
    return { absent: `${restarts} of at least ${leastRestarts} restarts can be used${lost}` }
  }
  const value = mean(values)
  const restartSd = standardDeviation(values)
  const standardError = restartSd / Math.sqrt(restarts)
  const halfWidth = studentQuantile((1 + confidence) / 2, restarts - 1) * standardError
  // Without any spread (a count of queries) the difference is certain, or certainly none.
  const p = standardError === 0 ? (value === 0 ? 1 : 0) : studentTwoSidedP(value / standardError, restarts - 1)
  return { value, low: value - halfWidth, high: value + halfWidth, confidence, p, restarts, restartSd, ...counted }
}

/**
 * The estimator `restart-medians-t`: per restart the median of its rounds, over restarts the mean of these medians with
 * a Student t interval. Medians, because outlier slices of +5 to +100 us are normal; restarts, because identical servers
 * differ and rounds of one start do not average that away (docs/method.md, Estimate).
 *
 * @param restarts per restart the valid values or differences of its rounds, in any order and unit.
 */
export function restartInterval(
  restarts: readonly (readonly number[])[],
  options: RestartOptions = {},
): Interval | Absent {
  const used = restarts.filter((rounds) => rounds.length >= (options.leastRounds ?? 2))
  return intervalOfRestarts(
    used.map((rounds) => median(rounds)),
    { rounds: used.reduce((sum, rounds) => sum + rounds.length, 0), dropped: restarts.length - used.length },
    options.confidence,
  )
}

/**
 * The estimator `restart-medians-log-t`: the same on logarithms, for ratios. Point and bounds come back as ratios.
 *
 * @param restarts per restart the valid ratios of its rounds, each > 0.
 */
export function restartRatioInterval(
  restarts: readonly (readonly number[])[],
  options: RestartOptions = {},
): Interval | Absent {
  const result = restartInterval(
    restarts.map((rounds) => rounds.filter((ratio) => ratio > 0).map((ratio) => Math.log(ratio))),
    options,
  )
  return 'absent' in result ? result : exponentiated(result)
}

/** An interval of logarithms as one of ratios. */
export const exponentiated = (interval: Interval): Interval => ({
  ...interval,
  value: Math.exp(interval.value),
  low: Math.exp(interval.low),
  high: Math.exp(interval.high),
})
