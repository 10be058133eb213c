import { z } from 'zod'
import { durationMs, durationText } from './duration-text.ts'

const longestMs = 24 * 3_600_000

/** The parameter `cacheTtl`: a duration, written in one way. `off` is 0. */
export const cacheTtlSchema = z
  .union([z.string(), z.number()])
  .default('off')
  .transform((text, context) => {
    const ms = durationMs(text)
    if (ms !== undefined && ms <= longestMs) return durationText(ms)
    context.addIssue({ code: 'custom', message: 'write it as off, 500ms, 1s or 2m, a day at most' })
    return z.NEVER
  })

/** Milliseconds of a parsed `cacheTtl`. */
export const cacheTtlMs = (cacheTtl: string): number => durationMs(cacheTtl) ?? 0
