import { AuthcostError } from '../../servers/contract/errors.ts'
import type { Metric } from '../metrics/metric.ts'
import { metricById } from '../metrics/table.ts'
import type { Absent } from '../record/slice.ts'
import type { Cell } from './cells.ts'
import { pairsOf, type SliceSource } from './slice-figures.ts'

/** App CPU per request: the figure whose estimator calibration puts to the test. */
export function appCpu(): { readonly metric: Metric; readonly source: SliceSource } {
  const metric = metricById('appCpuUsPerRequest')
  if (metric === undefined || metric.source.kind !== 'slice') {
    throw new AuthcostError('estimates.metric', 'The metric table holds no appCpuUsPerRequest of slices.')
  }
  return { metric, source: metric.source }
}

/** Twin minus control, app CPU per request, microseconds: per restart one value a valid round. */
export function twinDifferences(cell: Cell): number[][] | Absent {
  const of = (role: 'control' | 'twin'): string | undefined =>
    [...cell.variants].find(([, restarts]) => [...restarts.values()].some(([slice]) => slice?.role === role))?.[0]
  const [twin, control] = [of('twin'), of('control')]
  if (twin === undefined || control === undefined) return { absent: 'the control or its twin was not measured' }
  const comparison = { variant: twin, role: 'twin', baseline: control, pairwise: false } as const
  const restarts = pairsOf({ cell, comparison })
  if ('absent' in restarts) return restarts
  const { source } = appCpu()
  return restarts.map((pairs) =>
    pairs.flatMap(({ slice, baseline }) => {
      const own = source.value(slice)
      const other = baseline === undefined ? undefined : source.value(baseline)
      return typeof own === 'number' && typeof other === 'number' ? [own - other] : []
    }),
  )
}
