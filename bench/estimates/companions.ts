import type { Slice } from '../record/slice.ts'

const inWords = { cache: 'Redis', issuer: 'auth service' } as const

/** Processes beside app and database whose CPU is part of the total of these slices, in words. */
export function companionNames(slices: readonly Slice[]): readonly string[] {
  const roles = new Set(slices.flatMap(({ processes = [] }) => processes.map(({ role }) => role)))
  return (['cache', 'issuer'] as const).filter((role) => roles.has(role)).map((role) => inWords[role])
}

interface Measured {
  readonly slices: readonly Slice[]
}

/** The same of a whole run, as its labels have it: `Redis, auth service`; empty where there are none. */
export const companionsInTotal = ({ slices }: Measured): string => companionNames(slices).join(', ')

/** What two variants are compared in: `in app and database CPU together (with auth service)`. */
export function cpuInWords(metric: string, run: Measured): string {
  if (metric === 'appCpuUsPerRequest') return 'in app CPU'
  const companions = companionsInTotal(run)
  return `in app and database CPU together${companions === '' ? '' : ` (with ${companions})`}`
}
