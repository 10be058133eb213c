import { expect, test } from 'vitest'
import { coverage, draws, outlierUs, processSdUs, stoppedInterval, times } from './coverage.fixture.ts'
import { anyQuantileNs, type DecodedHistogram, mergeHistograms } from './histogram.ts'
import { lineThrough } from './least-squares.ts'
import type { Precision } from './precision.ts'
import { createRandom, type Random } from './random.ts'
import { exponentiated, intervalOfRestarts, restartInterval, restartRatioInterval } from './restart-interval.ts'
import { median } from './samples.ts'

const sliceSdUs = 0.4
const autocorrelation = 0.5

/** Slice values of one server in one restart, around `level`. */
function slices(random: Random, rounds: number, level: number): number[] {
  const process = level + processSdUs * random.normal()
  let noise = random.normal()
  return Array.from({ length: rounds }, () => {
    noise = autocorrelation * noise + Math.sqrt(1 - autocorrelation ** 2) * random.normal()
    return process + sliceSdUs * noise + outlierUs(random)
  })
}

/** Round differences (or ratios) of two servers in one restart, identical but for what one costs more. */
function pairs(
  random: Random,
  rounds: number,
  level: number,
  combine: (a: number, b: number) => number,
  costUs = 0,
): number[] {
  const a = slices(random, rounds, level + costUs)
  const b = slices(random, rounds, level)
  return a.map((value, round) => combine(value, b[round] ?? Number.NaN))
}

const minus = (a: number, b: number): number => a - b
const over = (a: number, b: number): number => a / b

test.each([
  { restarts: 3, rounds: 3 },
  { restarts: 4, rounds: 3 },
  { restarts: 8, rounds: 4 },
  { restarts: 10, rounds: 4 },
])('restart-medians-t covers with $restarts restarts of $rounds rounds', ({ restarts, rounds }) => {
  const share = coverage(`restart-medians-t ${restarts}x${rounds}`, 0, (random) =>
    restartInterval(times(restarts, () => pairs(random, rounds, 12, minus))),
  )
  expect(share).toBeGreaterThanOrEqual(0.93)
})

test('restart-medians-t covers with a single round per restart', () => {
  const share = coverage('restart-medians-t 10x1', 0, (random) =>
    restartInterval(
      times(10, () => pairs(random, 1, 37, minus)),
      { leastRounds: 1 },
    ),
  )
  expect(share).toBeGreaterThanOrEqual(0.93)
})

test('restart-medians-log-t covers', () => {
  const share = coverage('restart-medians-log-t 10x4', 1, (random) =>
    restartRatioInterval(times(10, () => pairs(random, 4, 12, over))),
  )
  expect(share).toBeGreaterThanOrEqual(0.93)
})

test.each([
  { method: 'restart-histograms-t', quantile: 0.5, z: 0 },
  { method: 'restart-histograms-t', quantile: 0.99, z: 2.326347874 },
  { method: 'restart-histograms-log-t', quantile: 0.5, z: 0 },
  { method: 'restart-histograms-log-t', quantile: 0.99, z: 2.326347874 },
])('$method covers for quantile $quantile', ({ method, quantile, z }) => {
  // 2,000 lognormal latencies a restart. The sample quantile is normal around the true one with the variance
  // q(1-q)/(n f^2), f being the density there: drawing it takes no sorting.
  const [logMedian, sigma, responses] = [Math.log(150), 0.25, 2000]
  const trueQuantile = Math.exp(logMedian + sigma * z)
  const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI) / (sigma * trueQuantile)
  const sd = Math.sqrt((quantile * (1 - quantile)) / responses) / density
  const one = (random: Random): number =>
    trueQuantile + sd * random.normal() + processSdUs * random.normal() + outlierUs(random)
  const ratio = method === 'restart-histograms-log-t'
  const share = coverage(`${method} q${quantile}`, ratio ? 1 : 0, (random) => {
    const interval = intervalOfRestarts(
      times(10, () => (ratio ? Math.log(one(random) / one(random)) : one(random) - one(random))),
    )
    return ratio && !('absent' in interval) ? exponentiated(interval) : interval
  })
  expect(share).toBeGreaterThanOrEqual(0.93)
})

/** A histogram of lognormal latencies as slices record them, of two significant digits, microseconds at the median. */
function latencies(random: Random, medianUs: number, sigma: number, responses: number): DecodedHistogram {
  const counts = new Float64Array(2048)
  for (let response = 0; response < responses; response++) {
    const ns = Math.floor(1000 * medianUs * Math.exp(sigma * random.normal()))
    const octave = Math.max(0, 31 - Math.clz32(ns) - 7)
    const bucket = octave === 0 && ns < 128 ? ns : 128 * octave + (ns >>> octave)
    counts[bucket] = (counts[bucket] ?? 0) + 1
  }
  return { significantDigits: 2, counts, count: responses, meanNs: 0 }
}

test.each([
  { quantile: 0.5, z: 0 },
  { quantile: 0.9, z: 1.281551566 },
])(
  'restart-histograms-t covers a difference at quantile $quantile, read from merged histograms',
  ({ quantile, z }) => {
    const [slowUs, fastUs, sigma, processSd] = [150, 100, 0.25, 0.02]
    const truth = (slowUs - fastUs) * Math.exp(sigma * z)
    const one = (random: Random, medianUs: number): number => {
      const ofProcess = medianUs * Math.exp(processSd * random.normal())
      const merged = mergeHistograms(times(2, () => latencies(random, ofProcess, sigma, 30)))
      return (anyQuantileNs(merged, quantile) ?? Number.NaN) / 1000
    }
    const share = coverage(`merged histograms q${quantile}`, truth, (random) =>
      intervalOfRestarts(times(4, () => one(random, slowUs) - one(random, fastUs))),
    )
    expect(share).toBeGreaterThanOrEqual(0.93)
  },
  60_000,
)

// A low point makes a target that is a share narrow too, so chance stops at high ones: of 7 us, 5 % is as wide as 0.35 us.
test.each<{ name: string; precision: Precision; costUs: number }>([
  { name: 'sequential-8', precision: { kind: 'absolute', halfWidth: 0.35 }, costUs: 0 },
  { name: 'sequential-8, 5 %', precision: { kind: 'relative', share: 0.05 }, costUs: 7 },
])('$name covers, with stops spread over its range', ({ name, precision, costUs }) => {
  const share = coverage(name, costUs, (random) => {
    const drawn: number[][] = []
    return stoppedInterval(precision, (restarts) => {
      while (drawn.length < restarts) drawn.push(pairs(random, 4, 12, minus, costUs))
      return restartInterval(drawn)
    })
  })
  expect(share).toBeGreaterThanOrEqual(0.93)
})

/**
 * Windows of a cache in the client's cookie (docs/method.md, Hits and misses), as recorded: some 130 requests each, CPU per
 * request with an SD of 60 us that carries over, the same outliers five times as large, restarts 5 % apart.
 */
function hitsAndMisses(random: Random) {
  const [hitUs, missUs, byTheClock, requests] = [700, 2000, 0.15, 130]
  const speed = 1 + 0.05 * random.normal()
  let noise = random.normal()
  const window = (share: number): { readonly x: number; readonly y: number } => {
    noise = autocorrelation * noise + Math.sqrt(1 - autocorrelation ** 2) * random.normal()
    const x = Math.max(0, share + Math.sqrt((share * (1 - share)) / requests) * random.normal())
    return { x, y: speed * (hitUs + (missUs - hitUs) * x) + 60 * noise + 5 * outlierUs(random) }
  }
  const blocks = times(6, () =>
    [byTheClock / 2, 1.5 * byTheClock, byTheClock].map((share) => ({ share, ...window(share) })),
  ).flat()
  const line = lineThrough(blocks.filter(({ share }) => share !== byTheClock))
  if (line === undefined) throw new Error('the shares do not differ')
  const measured = median(blocks.flatMap(({ share, y }) => (share === byTheClock ? [y] : [])))
  return {
    hit: line.at0,
    miss: line.at0 + line.slope,
    check: measured - line.at0 - line.slope * byTheClock,
  }
}

test('the line through hits and misses covers, and so does its check', () => {
  const random = createRandom(20_260_101, 'hits and misses')
  const runs = times(draws, () => times(10, () => hitsAndMisses(random)))
  for (const [figure, truth] of [['hit', 700] as const, ['miss', 2000] as const, ['check', 0] as const]) {
    let run = 0
    const share = coverage(`hits and misses 10x18, ${figure}`, truth, () =>
      intervalOfRestarts((runs[run++] ?? []).map((restart) => restart[figure])),
    )
    expect(share).toBeGreaterThanOrEqual(0.93)
  }
})
