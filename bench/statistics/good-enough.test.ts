import { expect, test } from 'vitest'
import { type Contest, defaultMargins, firstLook, type Standing, spentAtLook, standings } from './good-enough.ts'
import { createRandom, type Random } from './random.ts'

// How often a contender is wrongly shown good enough, or wrongly shown too poor, over all looks from the third restart
// to the fifth: simulated with what restarts and slices do (docs/method.md): freshly started servers differ, slices
// are noisy within a restart, and a few per cent of them are outliers.
const draws = 20_000
const mostRestarts = 5

interface Truth {
  /** Throughput over the best, and latency over the lowest. */
  readonly throughput: number
  readonly latency: number
  /** Times the usual noise. */
  readonly noise?: number
}

interface Noise {
  readonly restartSd: number
  readonly sliceSd: number
  readonly rounds: number
  readonly outliers: number
}

/** Fewer rounds than the three of `tune pool`: the harder case. */
const usual: Noise = { restartSd: 0.006, sliceSd: 0.012, rounds: 2, outliers: 0.03 }

/** The median of one to three values, without a copy. */
function middleOfFew([a = Number.NaN, b = a, c]: readonly number[]): number {
  return c === undefined ? (a + b) / 2 : Math.max(Math.min(a, b), Math.min(Math.max(a, b), c))
}

function drawContest(truths: readonly Truth[], restarts: number, noise: Noise, random: Random): Contest {
  const { rounds } = noise
  const contenders = truths.length
  // One array each for all values, by contender, restart and round: a simulation draws millions.
  const slices = new Float64Array(contenders * restarts * rounds)
  const latencies = new Float64Array(contenders * restarts)
  truths.forEach((truth, contender) => {
    const scale = truth.noise ?? 1
    for (let restart = 0; restart < restarts; restart++) {
      const place = contender * restarts + restart
      const process = noise.restartSd * scale * random.normal()
      for (let round = 0; round < rounds; round++) {
        const outlier = random.next() < noise.outliers ? 0.05 + 0.5 * random.next() ** 2 : 0
        slices[place * rounds + round] =
          Math.log(truth.throughput) + process + noise.sliceSd * scale * random.normal() - outlier
      }
      // In a closed loop latency follows throughput; its tail has a noise of its own.
      latencies[place] = Math.log(truth.latency) - process + 1.5 * noise.restartSd * scale * random.normal()
    }
  })
  const differences = new Array<number>(rounds)
  const ratios = new Float64Array(contenders * contenders * restarts)
  for (let a = 0; a < contenders; a++) {
    for (let b = a + 1; b < contenders; b++) {
      for (let restart = 0; restart < restarts; restart++) {
        for (let round = 0; round < rounds; round++) {
          differences[round] =
            (slices[(a * restarts + restart) * rounds + round] ?? Number.NaN) -
            (slices[(b * restarts + restart) * rounds + round] ?? Number.NaN)
        }
        ratios[(a * contenders + b) * restarts + restart] = middleOfFew(differences)
      }
    }
  }
  return {
    contenders,
    restarts,
    throughput: (a, b, restart) =>
      a < b
        ? ratios[(a * contenders + b) * restarts + restart]
        : -(ratios[(b * contenders + a) * restarts + restart] ?? 0),
    latency: (a, b, restart) =>
      (latencies[a * restarts + restart] ?? Number.NaN) - (latencies[b * restarts + restart] ?? Number.NaN),
  }
}

/** Whether a contender is good enough in truth. */
function goodEnough(truths: readonly Truth[]): boolean[] {
  const best = Math.max(...truths.map(({ throughput }) => throughput))
  const fast = truths.filter(({ throughput }) => throughput >= defaultMargins.leastThroughput * best)
  const lowest = Math.min(...fast.map(({ latency }) => latency))
  return truths.map((truth) => fast.includes(truth) && truth.latency <= defaultMargins.mostLatency * lowest)
}

/** As a sweep does it: after each restart those shown too poor are left out, and a settled answer ends it. */
function adaptively(contest: Contest): { readonly found: readonly Standing[]; readonly restarts: number } {
  const lastOf = Array.from({ length: contest.contenders }, () => contest.restarts)
  for (let restarts = firstLook; ; restarts++) {
    const measured =
      (ratio: Contest['throughput']): Contest['throughput'] =>
      (a, b, restart) =>
        restart < Math.min(lastOf[a] ?? 0, lastOf[b] ?? 0) ? ratio(a, b, restart) : undefined
    const found = standings({
      contenders: contest.contenders,
      restarts,
      throughput: measured(contest.throughput),
      latency: measured(contest.latency),
    })
    if (restarts >= contest.restarts || isSettled(found)) return { found, restarts }
    for (const [index, { shown }] of found.entries()) {
      if (shown === 'inferior') lastOf[index] = Math.min(lastOf[index] ?? restarts, restarts)
    }
  }
}

const isSettled = (found: readonly Standing[]): boolean =>
  found.find(({ shown }) => shown !== 'inferior')?.shown === 'non-inferior'

function errorRates(name: string, truths: readonly Truth[], noise = usual) {
  const random = createRandom(20_260_101, name)
  const truly = goodEnough(truths)
  let wronglyShown = 0
  let wronglyExcluded = 0
  let settled = 0
  let restarts = 0
  for (let draw = 0; draw < draws; draw++) {
    const { found, restarts: made } = adaptively(drawContest(truths, mostRestarts, noise, random))
    restarts += made / draws
    if (found.some(({ shown }, index) => shown === 'non-inferior' && !truly[index])) wronglyShown++
    if (found.some(({ shown }, index) => shown === 'inferior' && truly[index])) wronglyExcluded++
    if (isSettled(found)) settled++
  }
  const rates = {
    wronglyShown: wronglyShown / draws,
    wronglyExcluded: wronglyExcluded / draws,
    settled: settled / draws,
  }
  console.info(
    `${name}: wrongly shown ${(100 * rates.wronglyShown).toFixed(2)} %, wrongly excluded ${(100 * rates.wronglyExcluded).toFixed(2)} %, settled ${(100 * rates.settled).toFixed(1)} %, ${restarts.toFixed(1)} restarts`,
  )
  return rates
}

const equal: Truth = { throughput: 1, latency: 1 }
const justTooSlow: Truth = { throughput: 0.9499, latency: 1 }
const justFastEnough: Truth = { throughput: 0.9501, latency: 1 }
const justTooLate: Truth = { throughput: 1, latency: 1.1001 }

const cases: readonly (readonly [string, readonly Truth[], Noise?])[] = [
  ['the smallest just too slow', [justTooSlow, equal, equal, equal, equal]],
  ['all but the largest just too slow', [justTooSlow, justTooSlow, justTooSlow, justTooSlow, equal]],
  ['all but one just too late', [justTooLate, justTooLate, justTooLate, justTooLate, equal]],
  ['all but one just fast enough', [justFastEnough, justFastEnough, justFastEnough, justFastEnough, equal]],
  ['one just fast enough among equals', [justFastEnough, equal, equal, equal, equal]],
  ['the smallest just too slow and three times as noisy', [{ ...justTooSlow, noise: 3 }, equal, equal, equal, equal]],
  ['the best three times as noisy', [justTooSlow, justTooSlow, justTooSlow, { ...equal, noise: 3 }]],
  ['two', [justTooSlow, equal]],
  ['eight', [...Array.from({ length: 7 }, () => justTooSlow), equal]],
  [
    'hardly any noise between slices, much between restarts',
    [justTooSlow, justTooSlow, equal, equal, equal],
    { restartSd: 0.02, sliceSd: 0.002, rounds: 3, outliers: 0.03 },
  ],
  [
    'much noise, single rounds',
    [justTooSlow, justTooSlow, equal, equal, equal],
    { restartSd: 0.006, sliceSd: 0.04, rounds: 1, outliers: 0.05 },
  ],
]

test.each(cases.map(([name, truths, noise]) => ({ name, truths, noise })))(
  'wrong answers stay below 5 % over all looks: $name',
  ({ name, truths, noise }) => {
    const rates = errorRates(name, truths, noise)
    expect(rates.wronglyShown).toBeLessThanOrEqual(0.05)
    expect(rates.wronglyExcluded).toBeLessThanOrEqual(0.05)
  },
  60_000,
)

test.each([
  // The median of two rounds is their mean: an outlier counts in full.
  { rounds: 2, least: 0.6 },
  { rounds: 3, least: 0.9 },
])(
  'equals are shown to be good enough within five restarts of $rounds rounds, mostly',
  ({ rounds, least }) => {
    const quiet: Noise = { restartSd: 0.005, sliceSd: 0.01, rounds, outliers: 0.02 }
    const { settled } = errorRates(`equals, ${rounds} rounds`, [equal, equal, equal, equal, equal], quiet)
    expect(settled).toBeGreaterThan(least)
  },
  60_000,
)

test('what is spent over all looks is the error, however long a run goes on', () => {
  let spent = 0
  for (let restarts = 1; restarts < 60; restarts++) spent += spentAtLook(restarts)
  expect(spent).toBeCloseTo(1, 9)
})

test('fewer than three restarts, or a single contender, show nothing', () => {
  const random = createRandom(1)
  const two = drawContest([equal, equal], firstLook - 1, usual, random)
  expect(standings(two).map(({ shown }) => shown)).toEqual(['undecided', 'undecided'])
  expect(standings(drawContest([equal], 5, usual, random))).toEqual([{ shown: 'undecided' }])
})

test('a contender that is clearly worse is excluded and is no yardstick for latency', () => {
  // Half the throughput with half the latency: whoever serves fewer may well serve them sooner.
  const truths = [{ throughput: 0.5, latency: 0.5 }, equal, equal]
  const quiet: Noise = { restartSd: 0.001, sliceSd: 0.001, rounds: 3, outliers: 0 }
  const found = standings(drawContest(truths, 4, quiet, createRandom(1)))
  expect(found.map(({ shown }) => shown)).toEqual(['inferior', 'non-inferior', 'non-inferior'])
  expect(found[0]?.throughput?.value).toBeCloseTo(Math.log(0.5), 2)
})

test('a latency that was not measured leaves every contender undecided', () => {
  const contest = drawContest([equal, equal], 5, usual, createRandom(1))
  const found = standings({ ...contest, latency: () => undefined })
  expect(found.map(({ shown }) => shown)).toEqual(['undecided', 'undecided'])
})

test('with more restarts the lower bound rises, unless the point itself falls below it', () => {
  const contest = drawContest([equal, { throughput: 0.98, latency: 1.02 }], 8, usual, createRandom(3))
  let last = Number.NEGATIVE_INFINITY
  for (let restarts = firstLook; restarts <= 8; restarts++) {
    const ratio = standings({ ...contest, restarts })[1]?.throughput
    if (ratio === undefined) throw new Error('the two were measured in every restart')
    expect(ratio.low).toBeGreaterThanOrEqual(Math.min(last, ratio.value))
    expect(ratio.low).toBeGreaterThan(Number.NEGATIVE_INFINITY)
    last = ratio.low
  }
})
