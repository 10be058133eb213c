import { countMetrics } from './count-metrics.ts'
import { cpuMetrics } from './cpu-metrics.ts'
import { latencyMetrics } from './latency-metrics.ts'
import type { Metric } from './metric.ts'

/** Every figure that is estimated, in the order in which it is shown. Ids are public (docs/results.md). */
export const metrics: readonly Metric[] = [...cpuMetrics, ...latencyMetrics, ...countMetrics]

const byId = new Map(metrics.map((metric) => [metric.id, metric]))

/** The metric of that id; undefined for one of a newer version. */
export const metricById = (id: string): Metric | undefined => byId.get(id)
