import type { Estimate } from '../record/estimate.ts'
import type { Results } from '../record/run.ts'
import { loadKey } from '../record/slice.ts'
import { differenceOfMeans, meanOfInterval } from '../statistics/independent.ts'
import { loadShort, loadsInUse } from './load-view.ts'
import { figureCell } from './microseconds.ts'
import type { Cell, Section } from './report-data.ts'

/**
 * What production's own Node flags and idleness before the first load cost, where a run measured both groups: app CPU of each
 * variant and of the control, in which it does not cancel out. One table a load.
 */
export function idlingSections(results: Results): readonly Section[] {
  const absolute = results.estimates.filter(
    ({ metric, kind, baseline }) => metric === 'appCpuUsPerRequest' && kind === 'absolute' && baseline === undefined,
  )
  return loadsInUse(results)
    .filter(({ group }) => group === 'default')
    .flatMap(({ load }): Section[] => {
      const here = absolute.filter((estimate) => loadKey(estimate.load) === loadKey(load))
      const of = (variant: string, group: Estimate['group']): Estimate | undefined =>
        here.find((estimate) => estimate.variant === variant && estimate.group === group)
      const rows = results.plan.variants.flatMap(({ id, label }) => {
        const [busy, idled] = [of(id, 'default'), of(id, 'production')]
        return busy === undefined || idled === undefined ? [] : [{ variant: id, label, cells: cellsOf(busy, idled) }]
      })
      if (rows.length === 0) return []
      return [
        {
          title: `What idling costs: ${loadShort(load)}`,
          note: "App CPU per request of servers that were loaded as soon as they had started, with this tool's Node flags, and of servers with production's own flags that had idled for 15 s before their first load. 95 % intervals (Welch), because the two are different processes.",
          columns: [
            { label: 'Loaded at once', unit: 'µs' },
            { label: 'After idling', unit: 'µs' },
            { label: 'Idling costs', unit: 'µs' },
          ],
          rows,
        },
      ]
    })
}

const cellsOf = (busy: Estimate, idled: Estimate): readonly Cell[] => [
  figureCell(busy),
  figureCell(idled),
  figureCell(differenceOfMeans(meanOfInterval(idled), meanOfInterval(busy))),
]
