import { usageError } from '../../servers/contract/errors.ts'

/** How narrow an interval shall be: half-width in microseconds, or as a share of its point (0..1). */
export type Precision =
  | { readonly kind: 'absolute'; readonly halfWidth: number }
  | { readonly kind: 'relative'; readonly share: number }

/**
 * Reads `1us`, `0.5ms` or `5%`.
 *
 * @throws {AuthcostError} `usage.precision` for anything else, and for 0.
 */
export function parsePrecision(text: string): Precision {
  const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?)\s*(us|ms|%)$/.exec(text.trim()) ?? []
  const value = Number(number)
  if (!(value > 0)) {
    throw usageError(
      'usage.precision',
      `--precision cannot be "${text}". Give a half-width above 0, for example 1us or 5%.`,
    )
  }
  if (unit === '%') return { kind: 'relative', share: value / 100 }
  return { kind: 'absolute', halfWidth: unit === 'ms' ? 1000 * value : value }
}
