import type { Absent } from '../record/slice.ts'
import type { Precision } from './precision.ts'
import { createRandom, type Random } from './random.ts'
import type { Interval } from './restart-interval.ts'
import { decideSequentially, leastRestartsBeforeStopping, type PrecisionFigure } from './stopping.ts'

// How often the 95 % intervals hold the truth, by simulation of A/A data as recorded (docs/method.md): identical
// servers differ with an SD of 0.27 us, slices have noise that carries over within a restart, and a few per cent are
// outliers of +5 to +100 us. Every estimator and stopping rule in use must cover at least 93 %; more than 98 % would
// mean that intervals are wider than need be, and is printed as a finding.
export const draws = 20_000

export const processSdUs = 0.27

export function outlierUs(random: Random): number {
  return random.next() < 0.04 ? 5 + 95 * random.next() ** 2 : 0
}

export const times = <T>(count: number, make: () => T): T[] => Array.from({ length: count }, make)

/** Share of draws whose interval holds `truth`; prints it with the mean half-width. */
export function coverage(name: string, truth: number, draw: (random: Random) => Interval | Absent): number {
  const random = createRandom(20_260_101, name)
  let covered = 0
  let halfWidth = 0
  let restarts = 0
  for (let i = 0; i < draws; i++) {
    const interval = draw(random)
    if ('absent' in interval) throw new Error(interval.absent)
    if (interval.low <= truth && truth <= interval.high) covered++
    halfWidth += (interval.high - interval.low) / 2 / draws
    restarts += interval.restarts / draws
  }
  const share = covered / draws
  const finding = share > 0.98 ? ' (finding: wider than need be)' : ''
  console.info(
    `${name}: covers ${(100 * share).toFixed(1)} %, half-width ${halfWidth.toPrecision(3)}, ${restarts.toFixed(1)} restarts${finding}`,
  )
  return share
}

const figureOf = (interval: Interval): PrecisionFigure => ({
  name: 'cost',
  value: interval.value,
  halfWidth: interval.high - interval.value,
  restartSd: interval.restartSd,
})

/** The interval where `sequential-8` stops, or after 30 restarts. */
export function stoppedInterval(
  precision: Precision,
  ofRestarts: (restarts: number) => Interval | Absent,
): Interval | Absent {
  for (let restarts = leastRestartsBeforeStopping; ; restarts++) {
    const interval = ofRestarts(restarts)
    if ('absent' in interval || restarts === 30) return interval
    if (decideSequentially({ restarts, figures: [figureOf(interval)], precision }).action === 'stop') return interval
  }
}
