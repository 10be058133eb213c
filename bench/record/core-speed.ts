import { z } from 'zod'

/** How the CPU figures of a run were put at one speed of the servers' cores (docs/method.md, Core speed). */
export const coreSpeedAdjustmentSchema = z.object({
  /** What the work takes at the speed that figures are stated for: 2nd percentile over slices of `coreSpeed.fastestWorkUs`, microseconds. */
  referenceWorkUs: z.number().positive(),
  /** Median of `coreSpeed.workUs` over slices. */
  medianWorkUs: z.number().positive(),
  /** Its 90th percentile. */
  slowWorkUs: z.number().positive(),
  /** One for each kind of load whose CPU is put at that speed. */
  loads: z.array(
    z.object({
      mode: z.enum(['saturation', 'fixed-rate']),
      /** By how many per cent CPU per request grew where the work took one per cent longer, 0 to 1.5. */
      slope: z.number().nonnegative(),
      /**
       * What figures of CPU may be wrong by in common, as a share of each: by the slope's own interval and by where the floor lies
       * (2nd to 10th percentile). It is in the intervals of figures and costs.
       */
      commonError: z.number().nonnegative(),
      /** Slices that it is from. */
      slices: z.int().positive(),
      /** Share of the spread of CPU per request, within variants, that goes with the cores' speed, 0..1. */
      explained: z.number().min(0).max(1),
    }),
  ),
})
export type CoreSpeedAdjustment = z.infer<typeof coreSpeedAdjustmentSchema>
