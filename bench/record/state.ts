import { z } from 'zod'
import { stateSizeSchema } from '../../servers/contract/state-size.ts'
import { absentSchema } from './slice.ts'

/** Bytes of requests and answers, means of an untimed pass over so many users. */
export const wireBytesSchema = z.object({
  variant: z.string(),
  requests: z.int().positive(),
  /** Request line and headers: a request has nothing else. */
  requestHeaderBytes: z.number().nonnegative(),
  /** Status line and headers. */
  responseHeaderBytes: z.number().nonnegative(),
  responseBodyBytes: z.number().nonnegative(),
})
export type WireBytes = z.infer<typeof wireBytesSchema>

/** What a variant keeps for its users; an empty list: nothing. */
export const stateRecordSchema = z.object({
  variant: z.string(),
  sizes: z.union([z.array(stateSizeSchema), absentSchema]),
  /** Why nothing is said of memory, where a library may keep something there; not there: `sizes` says all. */
  memory: absentSchema.optional(),
})
export type StateRecord = z.infer<typeof stateRecordSchema>
