import { z } from 'zod'

const unitMs: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1000, m: 60_000, min: 60_000, h: 3_600_000 }

/** A duration such as `0.25s`, `250ms`, `5m`; a bare number is taken in `defaultUnit`. Answers milliseconds. */
export const durationSchema = (defaultUnit: 'ms' | 's') =>
  z.union([z.number(), z.string()]).transform((given, context) => {
    const match = /^\s*(\d+(?:\.\d+)?)\s*(us|ms|s|min|m|h)?\s*$/.exec(String(given))
    const factor = unitMs[match?.[2] ?? defaultUnit]
    if (match?.[1] === undefined || factor === undefined) {
      context.addIssue({ code: 'custom', message: 'expected a duration such as 250ms, 0.25s or 5m' })
      return z.NEVER
    }
    return Number(match[1]) * factor
  })
