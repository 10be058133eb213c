import { z } from 'zod'
import { absentSchema } from './slice.ts'

/** A point with its interval, in the unit that the field's name tells. */
export const boundedSchema = z.object({ value: z.number(), low: z.number(), high: z.number() })
export type Bounded = z.infer<typeof boundedSchema>

/** A point with its interval, or the reason why there is none. */
export const boundedOrAbsentSchema = z.union([boundedSchema, absentSchema])
export type BoundedOrAbsent = z.infer<typeof boundedOrAbsentSchema>

/** Point and bounds of an interval, without what else is known of it. */
export const boundsOf = ({ value, low, high }: Bounded): Bounded => ({ value, low, high })

/** The same of one that may be absent, with its reason. */
export const boundsOrAbsent = (interval: BoundedOrAbsent): BoundedOrAbsent =>
  'absent' in interval ? interval : boundsOf(interval)
