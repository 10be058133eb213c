import { formatSignificant } from './format.ts'
import type { Metric } from './metric.ts'

const shared = {
  unit: 'us',
  direction: 'lower-is-better',
  loads: ['saturation', 'fixed-rate', 'unloaded'],
  format: formatSignificant,
} as const satisfies Partial<Metric>

const step = (id: string, label: string, name: 'auth' | 'poolWait' | 'query', missing: string): Metric => ({
  ...shared,
  id,
  label,
  kinds: ['absolute'],
  pairwise: false,
  source: {
    kind: 'histogram',
    quantiles: [0.5, 0.99],
    perNs: 0.001,
    histogram: (slice) => {
      const histogram = slice.app.steps[name]
      return histogram === undefined || histogram.count === 0 ? { absent: missing } : histogram
    },
  },
})

/** How long requests and their steps take. */
export const latencyMetrics: readonly Metric[] = [
  {
    ...shared,
    id: 'latencyUs',
    label: 'Latency',
    kinds: ['absolute', 'cost'],
    comparedIn: ['fixed-rate', 'unloaded'],
    pairwise: true,
    source: {
      kind: 'histogram',
      quantiles: [0.5, 0.9, 0.99, 0.999],
      perNs: 0.001,
      histogram: (slice) => slice.latency,
    },
  },
  step('authStepUs', 'Authentication step', 'auth', 'the server recorded no authentication step'),
  step('poolWaitUs', 'Wait for a pool connection', 'poolWait', 'no query was made'),
  step('queryUs', 'Query', 'query', 'no query was made'),
]
