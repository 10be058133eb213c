import type { Absent } from '../record/slice.ts'
import { studentQuantile } from './student-t.ts'

/** A mean of independent values with its standard error, as an interval by Student's t tells them. */
export interface EstimatedMean {
  readonly value: number
  readonly standardError: number
  /** Degrees of freedom of the standard error. */
  readonly degrees: number
}

/** A point with its bounds. */
export interface Bounds {
  readonly value: number
  readonly low: number
  readonly high: number
}

/** The mean behind a Student t interval over `restarts` values. */
export function meanOfInterval(interval: {
  readonly value: number
  readonly low: number
  readonly high: number
  readonly confidence: number
  readonly restarts: number
}): EstimatedMean {
  const degrees = interval.restarts - 1
  const t = studentQuantile((1 + interval.confidence) / 2, degrees)
  return { value: interval.value, standardError: (interval.high - interval.low) / 2 / t, degrees }
}

/** Degrees of freedom of a sum of two independent variances (B. L. Welch, Biometrika 34, 1947). */
export function welchDegrees(
  a: { variance: number; degrees: number },
  b: { variance: number; degrees: number },
): number {
  const whole = a.variance + b.variance
  if (whole === 0) return a.degrees + b.degrees
  return whole ** 2 / (a.variance ** 2 / a.degrees + b.variance ** 2 / b.degrees)
}

/** a - b of two means from different processes, with Welch's interval. */
export function differenceOfMeans(a: EstimatedMean, b: EstimatedMean, confidence = 0.95): Bounds {
  const first = { variance: a.standardError ** 2, degrees: a.degrees }
  const second = { variance: b.standardError ** 2, degrees: b.degrees }
  const halfWidth =
    studentQuantile((1 + confidence) / 2, welchDegrees(first, second)) * Math.sqrt(first.variance + second.variance)
  const value = a.value - b.value
  return { value, low: value - halfWidth, high: value + halfWidth }
}

/**
 * a / b of two means from different processes, with the interval of Fieller's theorem (E. C. Fieller, JRSS B 16, 1954):
 * the ratios r for which a - r b is not told from 0. Degrees of freedom after Welch, at the point.
 *
 * @returns absent where b itself is not told from 0: the ratios then have no bounds.
 */
export function ratioOfMeans(a: EstimatedMean, b: EstimatedMean, confidence = 0.95): Bounds | Absent {
  const value = a.value / b.value
  const degrees = welchDegrees(
    { variance: a.standardError ** 2, degrees: a.degrees },
    { variance: (value * b.standardError) ** 2, degrees: b.degrees },
  )
  const t = Number.isFinite(value) ? studentQuantile((1 + confidence) / 2, degrees) : Number.POSITIVE_INFINITY
  const uncertainty = ((t * b.standardError) / b.value) ** 2
  if (!(uncertainty < 1)) return { absent: 'what it is divided by cannot be told from 0' }
  const root = Math.sqrt(a.standardError ** 2 * (1 - uncertainty) + (value * b.standardError) ** 2)
  const halfWidth = (t / Math.abs(b.value)) * root
  return { value, low: (value - halfWidth) / (1 - uncertainty), high: (value + halfWidth) / (1 - uncertainty) }
}
