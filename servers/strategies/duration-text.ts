const unitsMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, min: 60_000, h: 3_600_000 }

/** Milliseconds of `off`, `250`, `250ms`, `1.5s`, `2m`, `1h`; undefined for anything else. */
export function durationMs(text: string | number): number | undefined {
  if (text === 'off') return 0
  const match = /^(\d+(?:\.\d+)?)\s*(ms|s|m|min|h)?$/.exec(String(text).trim())
  if (match === null) return undefined
  return Math.round(Number(match[1]) * (unitsMs[match[2] ?? 'ms'] ?? 1))
}

/** The one way a duration is written in a variant's id: `off`, `250ms`, `60s`. */
export const durationText = (ms: number): string => (ms === 0 ? 'off' : ms % 1000 === 0 ? `${ms / 1000}s` : `${ms}ms`)
