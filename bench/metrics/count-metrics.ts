import type { Absent, Slice } from '../record/slice.ts'
import { formatBytes, formatSignificant, formatWhole } from './format.ts'
import type { Metric } from './metric.ts'

const over = (numerator: (slice: Slice) => number, denominator: (slice: Slice) => number): Metric['source'] => ({
  kind: 'slice',
  value: (slice): number | Absent =>
    denominator(slice) === 0 ? { absent: 'no request was answered' } : numerator(slice) / denominator(slice),
  total: (slice) => ({ numerator: numerator(slice), denominator: denominator(slice) }),
})

/** Throughput, queries, memory and bytes. */
export const countMetrics: readonly Metric[] = [
  {
    id: 'requestsPerSecond',
    label: 'Throughput',
    unit: 'req/s',
    direction: 'higher-is-better',
    loads: ['saturation'],
    kinds: ['absolute', 'ratio'],
    pairwise: true,
    source: over(
      (slice) => slice.requests,
      (slice) => slice.durationMs / 1000,
    ),
    format: formatWhole,
  },
  {
    id: 'queriesPerRequest',
    label: 'Queries per request',
    unit: 'queries',
    direction: 'lower-is-better',
    loads: ['saturation', 'fixed-rate', 'unloaded'],
    kinds: ['absolute'],
    pairwise: false,
    source: over(
      (slice) => slice.app.queries,
      (slice) => slice.requests,
    ),
    format: formatSignificant,
  },
  {
    id: 'rssBytes',
    label: 'Resident memory of the app',
    unit: 'bytes',
    direction: 'lower-is-better',
    loads: ['saturation', 'fixed-rate'],
    kinds: ['absolute'],
    pairwise: false,
    source: { kind: 'slice', value: (slice) => slice.app.rssBytes },
    format: formatBytes,
  },
  {
    id: 'requestBytes',
    label: 'Bytes of a request',
    unit: 'bytes',
    direction: 'lower-is-better',
    loads: ['saturation', 'fixed-rate'],
    kinds: ['absolute'],
    pairwise: false,
    source: over(
      (slice) => slice.driver.bytesSent,
      (slice) => slice.requests,
    ),
    format: formatBytes,
  },
  {
    id: 'responseBytes',
    label: 'Bytes of a response',
    unit: 'bytes',
    direction: 'lower-is-better',
    loads: ['saturation', 'fixed-rate'],
    kinds: ['absolute'],
    pairwise: false,
    source: over(
      (slice) => slice.driver.bytesReceived,
      (slice) => slice.requests,
    ),
    format: formatBytes,
  },
]
