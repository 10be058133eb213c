import type { Absent, Slice } from '../record/slice.ts'
import { formatBytes, formatSignificant, formatWhole } from './format.ts'
import type { Metric } from './metric.ts'

const over = (numerator: (slice: Slice) => number, denominator: (slice: Slice) => number): Metric['source'] => ({
  kind: 'slice',
  value: (slice): number | Absent =>
    denominator(slice) === 0 ? { absent: 'no request was answered' } : numerator(slice) / denominator(slice),
  total: (slice) => ({ numerator: numerator(slice), denominator: denominator(slice) }),
})

const perRequest = (amount: (slice: Slice) => number): Metric['source'] => over(amount, (slice) => slice.requests)

/** What says how much a request takes of something: less is better, and candidates are not held against one another. */
const takes = { direction: 'lower-is-better', kinds: ['absolute'], pairwise: false } as const

/** Bytes, where there are many requests. */
const bytes = { ...takes, unit: 'bytes', loads: ['saturation', 'fixed-rate'], format: formatBytes } as const

const mbit = (bytes: (slice: Slice) => number): Metric['source'] =>
  over(
    (slice) => (bytes(slice) * 8) / 1e6,
    (slice) => slice.durationMs / 1000,
  )

/** What of a network a rate takes, payload of TCP. Only at a rate that was given: at saturation it is throughput anew. */
const network = { ...takes, unit: 'Mbit/s', loads: ['fixed-rate'], format: formatSignificant } as const

/** Throughput, queries, memory and bytes. */
export const countMetrics: readonly Metric[] = [
  {
    id: 'requestsPerSecond',
    label: 'Throughput',
    unit: 'req/s',
    direction: 'higher-is-better',
    loads: ['saturation', 'bad-traffic'],
    kinds: ['absolute', 'ratio'],
    pairwise: true,
    source: over(
      (slice) => slice.requests,
      (slice) => slice.durationMs / 1000,
    ),
    format: formatWhole,
  },
  {
    ...takes,
    id: 'queriesPerRequest',
    label: 'Queries per request',
    unit: 'queries',
    loads: ['saturation', 'fixed-rate', 'unloaded', 'bad-traffic'],
    source: perRequest((slice) => slice.app.queries),
    format: formatSignificant,
  },
  {
    id: 'cacheHitPercent',
    label: 'Answered from the cache',
    unit: '%',
    // Of a cache that answers for longer, more: which is as much a promise broken later as work saved.
    direction: 'neutral',
    loads: ['saturation', 'fixed-rate'],
    kinds: ['absolute'],
    pairwise: false,
    source: {
      kind: 'slice',
      value: ({ app: { strategy } }): number | Absent => {
        const { cacheHits, cacheMisses } = strategy
        if (cacheHits === undefined || cacheMisses === undefined) return { absent: 'it counts no hits of a cache' }
        const asked = cacheHits + cacheMisses
        return asked === 0 ? { absent: 'its cache was not asked' } : (100 * cacheHits) / asked
      },
    },
    format: formatSignificant,
  },
  {
    ...bytes,
    id: 'rssBytes',
    label: 'Resident memory of the app',
    source: { kind: 'slice', value: (slice) => slice.app.rssBytes },
  },
  {
    ...bytes,
    id: 'requestBytes',
    label: 'Bytes of a request',
    source: perRequest((slice) => slice.driver.bytesSent),
  },
  {
    ...bytes,
    id: 'responseBytes',
    label: 'Bytes of a response',
    source: perRequest((slice) => slice.driver.bytesReceived),
  },
  {
    ...network,
    id: 'requestMbitPerSecond',
    label: 'Traffic to the server',
    source: mbit((slice) => slice.driver.bytesSent),
  },
  {
    ...network,
    id: 'responseMbitPerSecond',
    label: 'Traffic from the server',
    source: mbit((slice) => slice.driver.bytesReceived),
  },
]
