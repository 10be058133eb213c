import { companionsInTotal } from '../estimates/companions.ts'
import type { Results } from '../record/run.ts'
import { metricLabel } from './figure-text.ts'

/** A metric's name in this run: the total says which processes beside app and database it includes. */
export function labelIn(results: Pick<Results, 'slices'>, metric: string): string {
  const label = metricLabel(metric)
  const companions = metric === 'totalCpuUsPerRequest' ? companionsInTotal(results) : ''
  return companions === '' ? label : `${label} (with ${companions})`
}
