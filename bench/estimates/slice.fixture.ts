import { bucketIndex } from '../../servers/contract/duration-recorder.ts'
import type { Results } from '../record/run.ts'
import { schemaVersion } from '../record/run.ts'
import type { Load, RecordedHistogram, Slice } from '../record/slice.ts'
import { histogramFromCounts } from '../statistics/histogram.ts'
import { createRandom, type Random, shuffle } from '../statistics/random.ts'
import { fixtureEnvironment } from './environment.fixture.ts'
import { estimate } from './estimate.ts'
import { exampleChecks, examplePlan, type FixtureVariant, fixtureVariants } from './plan.fixture.ts'

export interface FixtureOptions {
  readonly seed?: number
  readonly restarts?: number
  /** Rounds per restart at saturation. */
  readonly rounds?: number
  /** Rounds per restart at the fixed rate and unloaded. */
  readonly otherRounds?: number
  /** Share of slices that are marked doubtful. */
  readonly doubtfulShare?: number
  readonly variants?: readonly FixtureVariant[]
  readonly loads?: readonly Load[]
  /** False leaves estimates, absent, noiseBands and warnings empty. */
  readonly estimated?: boolean
  /** Variants whose histograms the caller replaces: they are not made, which is most of the work. */
  readonly replaced?: (variant: string) => boolean
  /** Whether Postgres CPU can be read. */
  readonly databaseCpu?: boolean
}

export const fixtureLoads: readonly Load[] = [
  { mode: 'saturation', connections: 10 },
  { mode: 'fixed-rate', connections: 10, requestsPerSecond: 2000, arrivals: 'poisson' },
  { mode: 'unloaded', connections: 1 },
]

export const fixedRates = (...rates: readonly number[]): Load[] =>
  rates.map((requestsPerSecond) => ({ mode: 'fixed-rate', connections: 64, requestsPerSecond, arrivals: 'poisson' }))

/**
 * Plausible results of a whole run, drawn from a seed: process effects between restarts, noise and outliers between
 * slices, seven variants, 10 restarts, 4 rounds at saturation and one slice each at a fixed rate and unloaded.
 */
export function exampleResults(options: FixtureOptions = {}): Results {
  const seed = options.seed ?? 1
  const restarts = options.restarts ?? 10
  const rounds = options.rounds ?? 4
  const otherRounds = options.otherRounds ?? 1
  const variants = options.variants ?? fixtureVariants
  const loads = options.loads ?? fixtureLoads
  const random = createRandom(seed, 'fixture')
  const slices: Slice[] = []
  for (let restart = 0; restart < restarts; restart++) {
    // Freshly started identical servers differ with an SD of 0.27 us (docs/method.md).
    const processUs = new Map(variants.map(({ id }) => [id, 0.27 * random.normal()]))
    for (const load of loads) {
      for (let round = 0; round < (load.mode === 'saturation' ? rounds : otherRounds); round++) {
        shuffle(variants, random).forEach((variant, position) => {
          const place = { restart, round, position, second: slices.length, processUs: processUs.get(variant.id) ?? 0 }
          slices.push(slice(variant, load, place, random, options))
        })
      }
    }
  }
  const plan = examplePlan(variants, loads, { seed, restarts, rounds, otherRounds })
  const warmUps: Results['warmUps'] = Array.from({ length: restarts }, (_, restart) =>
    variants.map(({ id }) => ({
      variant: id,
      set: 0,
      restart,
      group: 'default' as const,
      requests: 20_000 + random.below(10_000),
      loadMs: 1500 + random.below(1000),
      steady: random.next() > 0.02,
    })),
  ).flat()
  const environment = fixtureEnvironment(options.databaseCpu ?? true)
  const estimates =
    options.estimated === false
      ? { estimates: [], absent: [], noiseBands: [], warnings: [] }
      : estimate({ plan, slices, warmUps, environment })
  return {
    schemaVersion,
    tool: { name: 'authcost', version: '0.1.0' },
    run: {
      id: '2026-01-02T03-04-05-example',
      command: 'run',
      state: 'complete',
      seed,
      commandLine: 'authcost run',
      startedAt: '2026-01-02T03:04:05.000Z',
      finishedAt: '2026-01-02T03:09:35.000Z',
      sliceShare: 0.52,
    },
    environment,
    plan,
    checks: exampleChecks(variants),
    warmUps,
    slices,
    ...estimates,
  }
}

interface Place {
  readonly restart: number
  readonly round: number
  readonly position: number
  readonly second: number
  readonly processUs: number
}

function slice(variant: FixtureVariant, load: Load, place: Place, random: Random, options: FixtureOptions): Slice {
  const draw = options.replaced?.(variant.id) === true ? notDrawn : drawnHistogram
  // Outlier slices of +5 to +100 us are normal on shared machines.
  const outlierUs = random.next() < 0.03 ? 5 + 95 * random.next() ** 2 : 0
  const saturated = load.mode === 'saturation'
  const appUs =
    (saturated ? 12 + variant.appSaturationUs : 37 + variant.appFixedRateUs) +
    place.processUs +
    (saturated ? 0.4 : 0.8) * random.normal() +
    outlierUs
  const databaseUs = variant.databaseUs * (saturated ? 1 : 1.5) * (1 + 0.02 * random.normal())
  const seconds = load.mode === 'fixed-rate' ? 1 : 0.25
  const serviceUs = appUs + databaseUs + 20
  const rate = saturated
    ? 1e6 / (appUs + databaseUs)
    : load.mode === 'fixed-rate'
      ? load.requestsPerSecond
      : 1e6 / serviceUs
  const requests = Math.max(50, Math.round(rate * seconds * (saturated ? 1 : 1 + 0.01 * random.normal())))
  const latencyUs = saturated ? 1e6 * (load.connections / rate) : serviceUs
  const cpuUs = Math.max(0, appUs * requests)
  const queries = variant.databaseUs > 0 ? requests : 0
  const doubtful = random.next() < (options.doubtfulShare ?? 0.02)
  const database: Slice['database'] =
    options.databaseCpu === false
      ? { absent: 'not a superuser of this Postgres' }
      : { cpuUs: queries === 0 ? 0 : databaseUs * requests, backends: queries === 0 ? 0 : 10, helpersCpuUs: 150 }
  return {
    set: 0,
    restart: place.restart,
    round: place.round,
    position: place.position,
    variant: variant.id,
    role: variant.role,
    group: 'default',
    load,
    startedAt: new Date(Date.UTC(2026, 0, 2, 3, 4, 5) + place.second * 500).toISOString(),
    durationMs: seconds * 1000,
    requests,
    errors: 0,
    non2xx: 0,
    wrongBodies: 0,
    latency: draw(10, latencyUs, 0.25, requests, random),
    ...(load.mode === 'fixed-rate'
      ? { scheduleLag: draw(10, 1, 0.6, requests, random), waitedForConnection: 0, unsent: 0 }
      : {}),
    driver: {
      cpuUs: seconds * 1e6,
      idleTurnShare: 0.3 + 0.1 * random.next(),
      bytesSent: requests * (90 + variant.credentialBytes),
      bytesReceived: requests * 220,
    },
    app: {
      requests,
      refusals: 0,
      elapsedMs: seconds * 1000,
      cpuUs,
      eventLoopActiveUs: cpuUs * 0.9,
      queries,
      rssBytes: 78_000_000 + random.below(4_000_000),
      heapUsedBytes: 22_000_000 + random.below(4_000_000),
      gcCount: Math.round(requests / 2500),
      gcDurationUs: requests * 0.2 * (1 + 0.1 * random.normal()),
      bytesRead: requests * (90 + variant.credentialBytes),
      bytesWritten: requests * 220,
      steps: {
        auth: draw(6, variant.authStepUs, 0.3, requests, random),
        ...(queries === 0
          ? {}
          : {
              poolWait: draw(6, 2, 0.5, requests, random),
              query: draw(6, variant.authStepUs * 0.85, 0.3, requests, random),
            }),
      },
      strategy: {},
    },
    database,
    machine: {
      serverCoresBusyUs: Math.round((cpuUs + databaseUs * requests + 4 * requests) / 10_000) * 10_000,
      serverCores: 1,
      stealUs: 0,
    },
    doubts: doubtful ? [{ code: 'steal', detail: '4.1 % of the window was stolen by the host' }] : [],
  }
}

/** How many levels a histogram is drawn at. */
const drawnPoints = 400

/** Takes as many numbers as a drawn one does, so that what is drawn after it stays what it is. */
const notDrawn: typeof drawnHistogram = (_bits, _medianUs, _sigma, count, random) => {
  for (let i = 0; i < Math.min(count, drawnPoints); i++) random.normal()
  return replacedHistogram
}
const replacedHistogram = histogramFromCounts({ subBucketBits: 6, buckets: [1], counts: [1] })

/** A lognormal histogram of `count` values around `medianUs`, drawn at 400 evenly spaced levels: cheap and smooth. */
export function drawnHistogram(
  bits: number,
  medianUs: number,
  sigma: number,
  count: number,
  random: Random,
): RecordedHistogram {
  const points = Math.min(count, drawnPoints)
  const byBucket = new Map<number, number>()
  for (let i = 0; i < points; i++) {
    const bucket = bucketIndex(Math.max(1, medianUs * 1000 * Math.exp(sigma * random.normal())), bits)
    const times = Math.floor(((i + 1) * count) / points) - Math.floor((i * count) / points)
    byBucket.set(bucket, (byBucket.get(bucket) ?? 0) + times)
  }
  const buckets = [...byBucket.keys()].sort((a, b) => a - b)
  return histogramFromCounts({
    subBucketBits: bits,
    buckets,
    counts: buckets.map((bucket) => byBucket.get(bucket) ?? 0),
  })
}
