import { z } from 'zod'
import { boundedOrAbsentSchema } from './bounded.ts'
import { absentSchema, loadSchema } from './slice.ts'

/** What a token has to be; what is not asked for does not matter. */
export const tokenNeedsSchema = z.object({
  /** Who verifies must not be able to sign. */
  asymmetric: z.boolean(),
  /** The signature must withstand a quantum computer, as far as anybody knows: ML-DSA. */
  postQuantum: z.boolean(),
  /** Most bytes of the credential as sent (header name and value). */
  maxBytes: z.int().positive().optional(),
})
export type TokenNeeds = z.infer<typeof tokenNeedsSchema>

/** What `tune token` was asked, and which combinations are not in its grid. */
export const tokenGridSchema = z.object({
  needs: tokenNeedsSchema,
  leftOut: z.array(z.object({ combination: z.string(), reason: z.string() })),
  /** `varied`; `fixed` where nobody asked; or why it cannot be answered here. */
  threads: z.union([z.literal('varied'), z.literal('fixed'), absentSchema]),
})
export type TokenGrid = z.infer<typeof tokenGridSchema>

/** What a variant costs under one load: per request, over the control, microseconds. Intervals are 95 %, over restarts. */
export const tokenCostSchema = z.object({
  load: loadSchema,
  appCpuUs: boundedOrAbsentSchema,
  eventLoopUs: boundedOrAbsentSchema,
  /** App CPU minus event-loop time: mostly libuv's thread pool. */
  outsideEventLoopUs: boundedOrAbsentSchema,
})
export type TokenCost = z.infer<typeof tokenCostSchema>

/** One variant of the grid. */
export const tokenCellSchema = z.object({
  variant: z.string(),
  algorithm: z.string(),
  verifier: z.string(),
  /** `best`, or the form that was named. */
  key: z.string(),
  /** Bits; for RSA only. */
  modulus: z.int().positive().optional(),
  /** Bytes of a further claim. */
  claimsBytes: z.int().nonnegative(),
  uvThreadpoolSize: z.int().positive().optional(),
  costs: z.array(tokenCostSchema),
  requestsPerSecond: boundedOrAbsentSchema,
  /** At saturation, of the window: 1 is an event loop that never rests. */
  eventLoopShare: boundedOrAbsentSchema,
  limitedBy: z.union([z.enum(['event-loop', 'thread-pool']), absentSchema]),
  /** CPU of signing one token, over a credential that is not signed, microseconds. Every token is signed by jose. */
  signingCpuUs: boundedOrAbsentSchema,
  credentialBytes: z.union([z.number().nonnegative(), absentSchema]),
  /** Why it is no answer; empty where it meets the needs. */
  misses: z.array(z.string()),
})
export type TokenCell = z.infer<typeof tokenCellSchema>

export const tokenAnswerSchema = z.discriminatedUnion('state', [
  /** Shown to be cheaper than each of the others. */
  z.object({ state: z.literal('settled'), variant: z.string() }),
  /** The only one that meets the needs: nothing was compared. */
  z.object({ state: z.literal('only-one'), variant: z.string() }),
  z.object({
    state: z.literal('unsettled'),
    /** None of them is shown to be dearer than another, be it that its cost is not known. */
    variants: z.array(z.string()),
    /** Of those whose cost is known, the one with the smallest credential; of equal ones that with the lowest cost so far. */
    variant: z.string(),
  }),
  z.object({ state: z.literal('none'), reason: z.string() }),
])

/** The cheapest under one load, in app CPU per request. */
export const tokenRecommendationSchema = z.object({
  load: loadSchema,
  answer: tokenAnswerSchema,
  /** The cheapest of the others by its point estimate, and what it costs more than the answer, microseconds per request. */
  second: z
    .object({ variant: z.string(), extraUs: boundedOrAbsentSchema, shown: z.enum(['dearer', 'no-difference-shown']) })
    .optional(),
  /** Of the answer, over all comparisons at once, 0..1. */
  confidence: z.number().min(0).max(1),
})
export type TokenRecommendation = z.infer<typeof tokenRecommendationSchema>

/** What `tune token` answers. Every figure derives from the slices and signings (docs/method.md, Tuning a token). */
export const tokenTuningSchema = z.object({
  needs: tokenNeedsSchema,
  cells: z.array(tokenCellSchema),
  /** One per load, in the order of the plan. */
  recommendations: z.array(tokenRecommendationSchema),
  /** What this machine cannot answer, a sentence each. */
  notMeasurable: z.array(z.string()),
  /** The answers in words, most important first. */
  sentences: z.array(z.string()),
})
export type TokenTuning = z.infer<typeof tokenTuningSchema>
