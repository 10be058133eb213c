import type { ChartDefinition } from './chart-definition.ts'
import { addedLatency } from './charts/added-latency.ts'
import { authStep } from './charts/auth-step.ts'
import { costAgainstDistance } from './charts/cost-against-distance.ts'
import { costAgainstRevocation } from './charts/cost-against-revocation.ts'
import { costPerRequest } from './charts/cost-per-request.ts'
import { everySlice } from './charts/every-slice.ts'
import { knownCosts } from './charts/known-costs.ts'
import { latencyDistribution } from './charts/latency-distribution.ts'
import { latencyPercentiles } from './charts/latency-percentiles.ts'
import { poolHeatMap } from './charts/pool-heat-map.ts'
import { poolWait } from './charts/pool-wait.ts'
import { scalability } from './charts/scalability.ts'
import { throughput } from './charts/throughput.ts'
import { tokenCost } from './charts/token-cost.ts'

/** The report's figures, in order. */
export const charts: readonly ChartDefinition[] = [
  // Only the tuning of a pool has these.
  poolHeatMap,
  poolWait,
  scalability,
  costAgainstDistance,
  // Only a calibration has them.
  knownCosts,
  // Only `micro` has them.
  authStep,
  // Only `tune token` has them.
  tokenCost,
  costPerRequest,
  costAgainstRevocation,
  addedLatency,
  latencyPercentiles,
  latencyDistribution,
  throughput,
  everySlice,
]
