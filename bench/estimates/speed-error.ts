import type { CoreSpeedAdjustment } from '../record/core-speed.ts'
import type { Absent, LoadMode } from '../record/slice.ts'
import type { Interval } from '../statistics/restart-interval.ts'
import { studentQuantile, studentTwoSidedP } from '../statistics/student-t.ts'
import { modeOf } from './core-speed.ts'

/** Whose figure of CPU it is. */
export interface FigureOfCpu {
  readonly mode: LoadMode
  readonly kind: 'absolute' | 'cost' | 'ratio'
  readonly variant: string
  readonly baseline?: string | undefined
  /** CPU of the two by themselves, in the figure's unit; undefined where it is not known. */
  absolute(variant: string): number | undefined
}

/**
 * An interval of CPU with what speed may make it wrong by: in common with all figures of its load, and by the slopes of its own two
 * sides, added in quadrature. What is common moves no difference across 0 and cancels out in a ratio; what is not is in p as well.
 */
export function withSpeedError(
  interval: Interval,
  { mode, kind, variant, baseline, absolute }: FigureOfCpu,
  adjustment: CoreSpeedAdjustment | Absent,
): Interval {
  const load = 'absent' in adjustment ? undefined : adjustment.loads.find((one) => one.mode === modeOf(mode))
  if (load === undefined) return interval
  const own = (id: string | undefined) => load.variants?.find((one) => one.variant === id)
  const [mine, theirs] = [own(variant), own(baseline)]
  // The twin's slope is the control's: what it is wrong by is the same on both sides.
  const alike = kind !== 'absolute' && mine?.slope === theirs?.slope && mine?.ownError === theirs?.ownError
  const shares = alike ? [] : [mine?.ownError ?? 0, theirs?.ownError ?? 0]
  if (kind === 'ratio') return wider(interval, Math.hypot(...shares), 0, 'ratio')
  const sizes = [variant, baseline].map((id) => Math.abs((id === undefined ? 0 : absolute(id)) ?? interval.value))
  const apart = Math.hypot(...shares.map((share, side) => share * (sizes[side] ?? 0)))
  return wider(interval, apart, load.commonError * Math.abs(interval.value), kind)
}

function wider(interval: Interval, apart: number, inCommon: number, kind: FigureOfCpu['kind']): Interval {
  if (apart === 0 && inCommon === 0) return interval
  const { value, low, high, restarts, confidence } = interval
  const [onScale, back] = kind === 'ratio' ? [Math.log, Math.exp] : [(x: number) => x, (x: number) => x]
  const halfWidth = (onScale(high) - onScale(low)) / 2
  const t = studentQuantile((1 + confidence) / 2, restarts - 1)
  const standardError = Math.hypot(halfWidth, apart) / t
  const whole = Math.hypot(halfWidth, apart, inCommon)
  return {
    ...interval,
    low: back(onScale(value) - whole),
    high: back(onScale(value) + whole),
    ...(apart === 0 ? {} : { p: studentTwoSidedP(onScale(value) / standardError, restarts - 1) }),
  }
}
