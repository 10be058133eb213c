import { steadyCosts } from '../estimates/steady-cost.ts'
import type { Results } from '../record/run.ts'
import { figureText, metricUnit } from './figure-text.ts'
import { viewKey } from './load-view.ts'
import type { SteadyCostView } from './report-data.ts'

const metric = 'totalCpuUsPerRequest'

/** Costs of variants with a clock of their own, for the chart of cost against revocation. */
export const steadyCostViews = (results: Results): readonly SteadyCostView[] =>
  steadyCosts(results).map(({ variant, load, from, us }) => {
    const { value, interval } = figureText({ metric, kind: 'cost', ...us })
    return {
      variant,
      load: viewKey(load),
      from,
      ...us,
      valueText: value,
      intervalText: interval === '' ? '±0' : interval,
      unit: metricUnit(metric),
    }
  })

/** For tables of ordinary slices: whose figures are not those of use. Empty where there is nobody. */
export function clockNote({ bursty, plan }: Pick<Results, 'bursty' | 'plan'>): string {
  const ids = new Set(bursty?.variants.map(({ variant }) => variant))
  const labels = plan.variants.filter(({ id }) => ids.has(id)).map(({ label }) => label)
  if (labels.length === 0) return ''
  return ` Of ${labels.join('; ')} the share of misses in these slices is not that of use: see Hits and misses.`
}
