import { mean } from './samples.ts'
import { studentQuantile } from './student-t.ts'

/** Several contenders measured beside one another in restarts, by throughput and by a latency. */
export interface Contest {
  /** How many contenders, at least 1. */
  readonly contenders: number
  /** How many restarts were made. */
  readonly restarts: number
  /** ln(throughput of `a` over that of `b`) in a restart; undefined where the two cannot be compared in it. */
  throughput(a: number, b: number, restart: number): number | undefined
  /** ln(latency of `a` over that of `b`) in a restart. */
  latency(a: number, b: number, restart: number): number | undefined
}

/** What is good enough, and how often it may be said wrongly. */
export interface Margins {
  /** Least throughput over the best, 0..1. */
  readonly leastThroughput: number
  /** Most latency over the lowest of those with enough throughput, > 1. */
  readonly mostLatency: number
  /** Chance that any contender is wrongly shown good enough or wrongly shown too poor, over all looks. */
  readonly error: number
}

export const defaultMargins: Margins = { leastThroughput: 0.95, mostLatency: 1.1, error: 0.05 }

/** Logarithm of a ratio; bounds are infinite where nothing is known. */
export interface LogRatio {
  readonly value: number
  readonly low: number
  readonly high: number
}

export interface Standing {
  /** Over the best throughput: at most 0. Absent where never compared. */
  readonly throughput?: LogRatio
  /** Over the lowest latency of those with enough throughput: at least 0. */
  readonly latency?: LogRatio
  readonly shown: 'non-inferior' | 'inferior' | 'undecided'
}

/** With fewer restarts nothing is said: of two, the spread is hardly known. */
export const firstLook = 3

/** Share of the error that goes to "good enough"; the rest to "too poor", where all pairs have to be allowed for. */
const shareForGoodEnough = 0.6

/**
 * Share of the error that is spent at a look, after each restart from the third on: equal for the three looks that a
 * sweep has, and ever less beyond, so that a run may go on without limit. Sums to 1.
 */
export const spentAtLook = (restarts: number): number =>
  restarts < firstLook ? 0 : restarts <= 5 ? 0.27 : 0.19 * 2 ** (5 - restarts)

/** Bounds of one pair, each one-sided: `low` as sure as "good enough" needs, `high` and so on as "too poor" does. */
interface PairBounds {
  value: number
  /** At the level of "good enough". */
  low: number
  high: number
  /** At the level of "too poor". */
  sureLow: number
  sureHigh: number
}

/**
 * Which contenders are good enough: throughput at least `leastThroughput` of the best, and latency at most
 * `mostLatency` of the lowest among those. Which one is best is not known either, so a contender has to hold against
 * each of the others (Hsu 1984, multiple comparisons with the best): as all of these must hold, none needs an
 * allowance for the others (intersection-union test, Berger 1982); contenders and looks are allowed for by Bonferroni.
 * One that is shown to have too little throughput is no yardstick for the latency of others. Bounds of all looks hold
 * at once, so the tightest of each stands. Error rates are simulated in the test beside this.
 */
export function standings(contest: Contest, margins: Margins = defaultMargins): readonly Standing[] {
  const { contenders } = contest
  const indices = Array.from({ length: contenders }, (_, index) => index)
  const throughput = allPairs(contest, 'throughput', margins)
  const latency = allPairs(contest, 'latency', margins)
  const least = Math.log(margins.leastThroughput)
  const most = Math.log(margins.mostLatency)
  const slow = indices.map((a) => indices.some((b) => b !== a && (throughput(a, b)?.sureHigh ?? 0) < least))
  const rivalsOf = indices.map((a) => indices.filter((b) => b !== a && !slow[b]))
  const fast = rivalsOf.map((rivals, a) => rivals.every((b) => (throughput(a, b)?.low ?? -1) >= least))
  return rivalsOf.map((rivals, a): Standing => {
    const inThroughput = worst(rivals.map((b) => throughput(a, b)))
    // Over the lowest latency of several rivals: the same upside down.
    const inLatency = turned(worst(rivals.map((b) => latency(b, a))))
    const late = rivals.some((b) => fast[b] && (latency(a, b)?.sureLow ?? 0) > most)
    const prompt = rivals.every((b) => (latency(a, b)?.high ?? Number.POSITIVE_INFINITY) <= most)
    // A single contender is the best of all there are, but nothing was compared.
    const compared = contenders > 1 && contest.restarts >= firstLook
    const shown = slow[a] || late ? 'inferior' : compared && fast[a] && prompt ? 'non-inferior' : 'undecided'
    const standing: { shown: Standing['shown']; throughput?: LogRatio; latency?: LogRatio } = { shown }
    if (inThroughput !== undefined) standing.throughput = inThroughput
    if (inLatency !== undefined) standing.latency = inLatency
    return standing
  })
}

/** Over the best of several rivals: whatever holds against each of them. */
function worst(bounds: readonly (Readonly<PairBounds> | undefined)[]): LogRatio | undefined {
  let known = 0
  let value = 0
  let low = 0
  let high = 0
  for (const one of bounds) {
    if (one === undefined) continue
    known++
    value = Math.min(value, one.value)
    low = Math.min(low, one.low)
    high = Math.min(high, one.sureHigh)
  }
  if (known === 0) return undefined
  if (known < bounds.length) low = Number.NEGATIVE_INFINITY
  return { value, low: Math.min(low, value), high: Math.max(high, value) }
}

/** The ratio the other way round. */
const turned = (ratio: LogRatio | undefined): LogRatio | undefined =>
  ratio && { value: -ratio.value, low: -ratio.high, high: -ratio.low }

/** The tightest bounds that any look gives, for every pair. */
function allPairs(
  contest: Contest,
  metric: 'throughput' | 'latency',
  { error }: Margins,
): (a: number, b: number) => Readonly<PairBounds> | undefined {
  const { contenders, restarts } = contest
  const byLook = samplesByLook(contest, metric)
  const known = new Array<PairBounds | undefined>(contenders * contenders)
  const at = (a: number, b: number): number => a * contenders + b
  for (let look = firstLook; look <= restarts; look++) {
    const samples = byLook[look - firstLook] ?? []
    if (samples.length === 0) continue
    const { variance, degrees } = pooled(samples, contenders, look)
    const spent = error * spentAtLook(look)
    const level = (spent * shareForGoodEnough) / Math.max(1, contenders - 1)
    const sureLevel = (spent * (1 - shareForGoodEnough)) / Math.max(1, contenders * (contenders - 1))
    const t = studentQuantile(1 - level, degrees)
    const sureT = studentQuantile(1 - sureLevel, degrees)
    for (const { a, b, values, center, squares } of samples) {
      // The spread of this pair where it is larger than that of all: pools differ in how steady they are.
      const spread = Math.max(variance, squares / (values - 1))
      const standardError = Math.sqrt(spread / values)
      const half = t * standardError
      const sureHalf = sureT * standardError
      tighten(known, at(a, b), center, half, sureHalf)
      tighten(known, at(b, a), -center, half, sureHalf)
    }
  }
  return (a, b) => known[at(a, b)]
}

function tighten(known: (PairBounds | undefined)[], key: number, value: number, half: number, sureHalf: number): void {
  const bounds = known[key]
  if (bounds === undefined) {
    const [low, high, sureLow, sureHigh] = [value - half, value + half, value - sureHalf, value + sureHalf]
    known[key] = { value, low, high, sureLow, sureHigh }
    return
  }
  // In place: a simulation makes millions.
  bounds.value = value
  bounds.low = Math.max(bounds.low, value - half)
  bounds.high = Math.min(bounds.high, value + half)
  bounds.sureLow = Math.max(bounds.sureLow, value - sureHalf)
  bounds.sureHigh = Math.min(bounds.sureHigh, value + sureHalf)
}

interface PairSample {
  readonly a: number
  readonly b: number
  /** How many restarts. */
  readonly values: number
  readonly center: number
  /** Sum of squared distances from the center. */
  readonly squares: number
}

/**
 * For each look, from the third restart on, the pairs with at least three restarts among those until then; a pair that
 * got no new restart is left as it was. Each ratio is asked for once, because a simulation asks for millions.
 */
function samplesByLook(contest: Contest, metric: 'throughput' | 'latency'): PairSample[][] {
  const looks = Math.max(0, contest.restarts - firstLook + 1)
  const byLook = Array.from({ length: looks }, (): PairSample[] => [])
  for (let a = 0; a < contest.contenders; a++) {
    for (let b = a + 1; b < contest.contenders; b++) {
      const values: number[] = []
      for (let restart = 0; restart < contest.restarts; restart++) {
        const value = contest[metric](a, b, restart)
        if (value !== undefined && Number.isFinite(value)) values.push(value)
        if (values.length >= firstLook) byLook[restart + 1 - firstLook]?.push(sampleOf(a, b, values))
      }
    }
  }
  return byLook
}

function sampleOf(a: number, b: number, values: readonly number[]): PairSample {
  const center = mean(values)
  let squares = 0
  for (const value of values) squares += (value - center) ** 2
  return { a, b, values: values.length, center, squares }
}

/** Variance of a pair's difference over restarts, pooled over pairs, with the degrees of freedom of a two-way layout. */
function pooled(
  samples: readonly PairSample[],
  contenders: number,
  look: number,
): { readonly variance: number; readonly degrees: number } {
  const squares = samples.reduce((sum, sample) => sum + sample.squares, 0)
  const counted = samples.reduce((sum, { values }) => sum + values - 1, 0)
  // Every contender takes part in contenders - 1 pairs: pairs are not independent, contenders nearly are.
  const full = ((look - 1) * contenders * (contenders - 1)) / 2
  const degrees = Math.max(firstLook - 1, Math.round(((look - 1) * (contenders - 1) * counted) / full))
  return { variance: squares / counted, degrees }
}
