import type { Results } from '../record/run.ts'
import { metricLabel } from './figure-text.ts'

const inWords = { cache: 'Redis', issuer: 'auth service' } as const

/** Processes beside app and database whose CPU is part of the total: `Redis, auth service`; empty where there are none. */
export function companionsInTotal({ slices }: Pick<Results, 'slices'>): string {
  const roles = new Set(slices.flatMap(({ processes = [] }) => processes.map(({ role }) => role)))
  return (['cache', 'issuer'] as const)
    .filter((role) => roles.has(role))
    .map((role) => inWords[role])
    .join(', ')
}

/** A metric's name in this run: the total says which processes beside app and database it includes. */
export function labelIn(results: Pick<Results, 'slices'>, metric: string): string {
  const label = metricLabel(metric)
  const companions = metric === 'totalCpuUsPerRequest' ? companionsInTotal(results) : ''
  return companions === '' ? label : `${label} (with ${companions})`
}
