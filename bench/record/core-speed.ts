import { z } from 'zod'

/** Kinds of load whose CPU is put at one speed, each by slopes of its own. */
export const speedModeSchema = z.enum(['saturation', 'fixed-rate'])
export type SpeedMode = z.infer<typeof speedModeSchema>

/** What a run finds of a slope by itself, with a standard error enlarged by what Student's t makes of few restarts. */
export const foundSlopeSchema = z.object({ slope: z.number(), standardError: z.number().nonnegative() })

/** How the CPU figures of a run were put at one speed of the servers' cores (docs/method.md, Core speed). */
export const coreSpeedAdjustmentSchema = z.object({
  /**
   * What the work takes at the speed that figures are stated for, microseconds: `fastestWorkUs`, or `environment.coreSpeed.undisturbedWorkUs`
   * where that is less.
   */
  referenceWorkUs: z.number().positive(),
  /** What it took at its best in this run: 2nd percentile over slices of `coreSpeed.fastestWorkUs`; absent in files of before it was told apart. */
  fastestWorkUs: z.number().positive().optional(),
  /** Median of `coreSpeed.workUs` over slices. */
  medianWorkUs: z.number().positive(),
  /** Its 90th percentile. */
  slowWorkUs: z.number().positive(),
  /** One for each kind of load whose CPU is put at that speed. */
  loads: z.array(
    z.object({
      mode: speedModeSchema,
      /** By how many per cent CPU per request grew where the work took one per cent longer, 0 to 2.5: of the run itself and of what is known beforehand. */
      slope: z.number().nonnegative(),
      /** What the run found by itself, with a standard error enlarged by what Student's t makes of few restarts; absent in files of before it was told apart. */
      own: foundSlopeSchema.optional(),
      /** The power that counts from `fastestWorkUs` to `referenceWorkUs`, where the run itself has nothing to say; absent in files of before. */
      slopeBeyond: z.number().nonnegative().optional(),
      /**
       * What figures of CPU may be wrong by in common, as a share of each: by the slope's own interval, by where the floor lies
       * (2nd to 10th percentile), and by what is known of slopes beyond it. It is in the intervals of figures and costs.
       */
      commonError: z.number().nonnegative(),
      /** Of each variant, the twin as its control; absent in files of before they were told apart, where all have `slope`. */
      variants: z
        .array(
          z.object({
            variant: z.string(),
            /** Of `slope` and of the variant's own slices, 0 to 2.5. */
            slope: z.number().nonnegative(),
            /** What its CPU may be wrong by besides, as a share, because its slope is not known as well as the common one. */
            ownError: z.number().nonnegative(),
          }),
        )
        .optional(),
      /** Slices that it is from. */
      slices: z.int().positive(),
      /** Share of the spread of CPU per request, within variants, that goes with the cores' speed, 0..1. */
      explained: z.number().min(0).max(1),
    }),
  ),
})
export type CoreSpeedAdjustment = z.infer<typeof coreSpeedAdjustmentSchema>
