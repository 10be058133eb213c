import { createRandom, type Random } from '../statistics/random.ts'
import type { BoundedView, HeatCell, HeatMapView, SeriesView, TuningView } from './report-data.ts'

const poolSizes = [1, 2, 3, 5, 10, 20]
const connections = [1, 4, 16, 64, 256]
const distancesUs = [0, 500, 2000]

/** A queue with one pool before a database and cores that wear each other down: close enough to look like a real sweep. */
function cell(pool: number, clients: number, delayUs: number): { rate: number; waitUs: number; p95Us: number } {
  const lookupUs = 110 + delayUs
  const alone = clients / (1 + 0.06 * (clients - 1) + 0.0004 * clients * (clients - 1))
  const rate = Math.min(4200 * alone * (180 / (180 + delayUs)), (Math.min(pool, clients) * 1e6) / lookupUs, 11_000)
  const busy = Math.min(clients, pool)
  const residenceUs = (clients / rate) * 1e6
  return {
    rate: rate * (1 - 0.004 * Math.max(0, pool - 5)),
    waitUs: 1.5 + Math.max(0, residenceUs - lookupUs) * (1 - busy / Math.max(clients, pool + 1)) * 0.8,
    p95Us: residenceUs * (1.35 + 0.02 * pool),
  }
}

function bounded(value: number, share: number, unit: string, random: Random): BoundedView {
  const middle = value * (1 + 0.3 * share * random.normal())
  const [low, high] = [middle * (1 - share), middle * (1 + share)]
  const text = (one: number): string => one.toLocaleString('en-US', { maximumSignificantDigits: 4 })
  return { value: middle, low, high, text: `${text(middle)} [${text(low)}, ${text(high)}] ${unit}` }
}

const delayName = (us: number): string => (us === 0 ? 'Session, no delay' : `Session, ${us / 1000} ms away`)

/** A `tune pool` of one strategy at three distances, against two tokens. */
export function exampleTuning(seed = 1): TuningView {
  const random = createRandom(seed, 'tuning view')
  const cellOf = (pool: number, clients: number, delayUs: number, metric: HeatMapView['metric']): HeatCell => {
    if (pool === 20 && clients === 256) return { absent: 'every slice of it was doubtful: the machine was busy' }
    const figures = cell(pool, clients, delayUs)
    const drawn =
      metric === 'throughput'
        ? bounded(figures.rate, 0.02, 'req/s', random)
        : bounded(figures.p95Us, 0.04, 'µs', random)
    return { ...drawn, recommended: clients > 4 && pool === (delayUs > 1000 ? 10 : 5) }
  }
  const series = (label: string, style: number, points: readonly (readonly [number, BoundedView])[]): SeriesView => ({
    label,
    style,
    points: points.map(([x, point]) => ({ ...point, x })),
  })
  return {
    heatMaps: distancesUs.flatMap((delayUs) =>
      (['throughput', 'p95'] as const).map((metric) => ({
        title: delayName(delayUs),
        metric,
        unit: metric === 'throughput' ? 'req/s' : 'us',
        better: metric === 'throughput' ? 'higher' : 'lower',
        poolSizes,
        connections,
        cells: poolSizes.map((pool) => connections.map((clients) => cellOf(pool, clients, delayUs, metric))),
      })),
    ),
    poolWaits: distancesUs.map((delayUs) => ({
      title: delayName(delayUs),
      series: connections.map((clients, index) =>
        series(
          `${clients} ${clients === 1 ? 'connection' : 'connections'}`,
          2 + index,
          poolSizes.map((pool) => [pool, bounded(cell(pool, clients, delayUs).waitUs, 0.1, 'µs', random)]),
        ),
      ),
    })),
    scalability: distancesUs.flatMap((delayUs) =>
      poolSizes.map((pool) => ({
        title: `${delayName(delayUs)}, pool of ${pool}`,
        points: series(
          'Requests per second',
          2,
          connections.map((clients) => [clients, bounded(cell(pool, clients, delayUs).rate, 0.02, 'req/s', random)]),
        ),
        curve:
          pool < 3
            ? []
            : Array.from({ length: 60 }, (_, step) => {
                const clients = 256 ** (step / 59)
                return [clients, cell(pool, clients, delayUs).rate] as const
              }),
        ...(pool < 3 ? {} : { peak: { value: 49, low: 40, high: 62, text: '49 [40, 62] connections' } }),
        note:
          pool < 3
            ? 'No fit: throughput does not depend on connections here, the pool bounds it.'
            : 'gamma 4,190 [4,050, 4,330] req/s, sigma 0.060 [0.051, 0.069], kappa 0.00040 [0.00031, 0.00049].',
      })),
    ),
    distances: ['us CPU', 'us'].map((unit) => ({
      title: unit === 'us' ? 'Median response time' : 'CPU',
      unit,
      series: [
        series(
          'Session',
          2,
          distancesUs.map((us) => [
            us,
            bounded(unit === 'us' ? 140 + us : 61 + us / 400, 0.03, unit.replace('us', 'µs'), random),
          ]),
        ),
        ...(['HS256', 'ES256'] as const).map((alg, index) =>
          series(
            `JWT ${alg}`,
            3 + index,
            [0, 2000].map((us) => [us, bounded(alg === 'HS256' ? 24 : 98, 0.03, unit.replace('us', 'µs'), random)]),
          ),
        ),
      ],
      crossings: [
        unit === 'us'
          ? 'The lines of Session and JWT ES256 do not cross: Session is slower at every distance measured.'
          : 'The lines of Session and JWT ES256 do not cross up to 2 ms.',
      ],
    })),
    sections: [
      {
        title: 'Recommended pools',
        note: 'The smallest pool shown to be non-inferior to the best: throughput at least 0.95, p95 at most 1.10, both at once over all pools.',
        columns: [
          { label: 'Pool', unit: '' },
          { label: 'Throughput of the default 10', unit: '×' },
        ],
        rows: connections.map((clients) => ({
          variant: 'session',
          label: `Session, ${clients} connections`,
          cells: [
            { kind: 'text', text: clients > 4 ? '5' : 'unsettled between 1 and 3' },
            { kind: 'figure', value: '0.99', interval: '[0.97, 1.01]', undecided: true },
          ],
        })),
      },
    ],
    notes: [
      'Holds for 1 core of the server and 1 of Postgres.',
      'Several app instances: not measurable on 1 core, they would share it.',
    ],
  }
}
