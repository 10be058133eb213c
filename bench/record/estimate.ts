import { z } from 'zod'
import { loadSchema } from './slice.ts'

/** One figure with its interval: what report, terminal, CSV and `compare` show. */
export const estimateSchema = z.object({
  variant: z.string(),
  /** The variant it is compared with; absent for an absolute figure. */
  baseline: z.string().optional(),
  /** Id of the metric table (docs/results.md). */
  metric: z.string(),
  /** 0..1, for percentiles of latency and steps. */
  quantile: z.number().min(0).max(1).optional(),
  unit: z.string(),
  /** `cost` = variant - baseline; `ratio` = variant / baseline. */
  kind: z.enum(['absolute', 'cost', 'ratio']),
  load: loadSchema,
  group: z.enum(['default', 'production']),
  value: z.number(),
  low: z.number(),
  high: z.number(),
  confidence: z.number().min(0).max(1),
  /** Two-sided p of "no difference", Holm-adjusted within metric and load; only where a decision hangs on it. */
  adjustedP: z.number().min(0).max(1).optional(),
  /** `different`, or `no difference shown`: adjustedP < 0.05 and beyond the noise band. Costs and ratios only. */
  verdict: z.enum(['different', 'no-difference-shown']).optional(),
  /** Name of the estimator, docs/method.md. */
  method: z.string(),
  restarts: z.int().positive(),
  rounds: z.int().positive(),
  /** Sum over sum of all valid slices, where rare and real costs count in full; see "bursty cost" in docs/method.md. */
  total: z.number().optional(),
})
export type Estimate = z.infer<typeof estimateSchema>

/** A figure that could not be estimated, with the reason. */
export const absentEstimateSchema = z.object({
  variant: z.string(),
  metric: z.string(),
  quantile: z.number().optional(),
  load: loadSchema,
  reason: z.string(),
})
export type AbsentEstimate = z.infer<typeof absentEstimateSchema>

/** What the control's comparison with its identical twin shows: nothing smaller is claimed. */
export const noiseBandSchema = z.object({
  metric: z.string(),
  quantile: z.number().optional(),
  load: loadSchema,
  /** max(|low|, |high|) of the twin's interval, in the metric's unit. */
  band: z.number().nonnegative(),
})
export type NoiseBand = z.infer<typeof noiseBandSchema>
