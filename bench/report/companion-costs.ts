import { companionNames } from '../estimates/companions.ts'
import type { Estimate } from '../record/estimate.ts'
import type { Results } from '../record/run.ts'
import { metricUnit, valueText } from './figure-text.ts'
import { viewKey } from './load-view.ts'
import type { CompanionCostView } from './report-data.ts'

const metric = 'totalCpuUsPerRequest'

/** For the chart of costs: what is left of all CPU behind app and database, of variants that ask something besides. */
export function companionCostViews({ plan, slices, estimates }: Results): readonly CompanionCostView[] {
  const controls = new Set(plan.variants.filter(({ role }) => role === 'control').map(({ id }) => id))
  return plan.variants.flatMap(({ id }) => {
    if (companionNames(slices.filter(({ variant }) => variant === id)).length === 0) return []
    const costs = estimates.filter(
      ({ variant, kind, baseline }) => variant === id && kind === 'cost' && controls.has(baseline ?? ''),
    )
    return costs.flatMap((total): CompanionCostView[] => {
      if (total.metric !== metric) return []
      const load = viewKey(total.load, total.group)
      const beside = (wanted: string): Estimate | undefined =>
        costs.find((one) => one.metric === wanted && viewKey(one.load, one.group) === load)
      const app = beside('appCpuUsPerRequest')
      const database = beside('databaseCpuUsPerRequest')
      if (app === undefined || database === undefined) return []
      const us = total.value - app.value - database.value
      return [{ variant: id, load, us, text: `${valueText({ metric, kind: 'cost' }, us)} ${metricUnit(metric)}` }]
    })
  })
}
