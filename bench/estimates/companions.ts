import type { Slice } from '../record/slice.ts'

const inWords = { cache: 'Redis', issuer: 'auth service' } as const

/** What was measured with its processes: slices, and calls of sign-ins. */
type WithProcesses = Pick<Slice, 'processes'>

/** Processes beside app and database whose CPU is part of the total of these slices, in words. */
export function companionNames(slices: readonly WithProcesses[]): readonly string[] {
  const roles = new Set(slices.flatMap(({ processes = [] }) => processes.map(({ role }) => role)))
  return (['cache', 'issuer'] as const).filter((role) => roles.has(role)).map((role) => inWords[role])
}

interface Measured {
  readonly slices: readonly WithProcesses[]
}

/** The same of a whole run, as its labels have it: `Redis, auth service`; empty where there are none. */
export const companionsInTotal = ({ slices }: Measured): string => companionNames(slices).join(', ')

/** Behind the name of a total: ` (with Redis, auth service)`; empty where there are none. */
export function withCompanions(run: Measured): string {
  const companions = companionsInTotal(run)
  return companions === '' ? '' : ` (with ${companions})`
}

/** What two variants are compared in: `in app and database CPU together (with auth service)`. */
export function cpuInWords(metric: string, run: Measured): string {
  if (metric === 'appCpuUsPerRequest') return 'in app CPU'
  return `in app and database CPU together${withCompanions(run)}`
}
