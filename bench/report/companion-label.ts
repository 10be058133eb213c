import { withCompanions } from '../estimates/companions.ts'
import type { Results } from '../record/run.ts'
import { metricLabel } from './figure-text.ts'

/** A metric's name in this run: the total says which processes beside app and database it includes. */
export const labelIn = (results: Pick<Results, 'slices'>, metric: string): string =>
  `${metricLabel(metric)}${metric === 'totalCpuUsPerRequest' ? withCompanions(results) : ''}`
