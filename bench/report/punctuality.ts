import type { Results } from '../record/run.ts'
import { isValid, type Slice } from '../record/slice.ts'
import { anyQuantileNs } from '../statistics/histogram.ts'
import { mergeRecorded } from './distribution.ts'
import { textCell, whole } from './figure-text.ts'
import { loadShort, loadsInUse, viewKey } from './load-view.ts'
import type { Cell, Section } from './report-data.ts'

/** How late requests at a fixed rate were sent, and how many never: one table a rate. */
export const punctualitySections = (results: Results): readonly Section[] =>
  loadsInUse(results)
    .filter(({ load }) => load.mode === 'fixed-rate')
    .flatMap(({ load, group, view }) => {
      const byVariant = new Map<string, Slice[]>()
      for (const slice of results.slices) {
        if (slice.scheduleLag === undefined || viewKey(slice.load, slice.group) !== view.key) continue
        byVariant.set(slice.variant, [...(byVariant.get(slice.variant) ?? []), slice])
      }
      if (byVariant.size === 0) return []
      const section: Section = {
        title: `How punctual the load was: ${loadShort(load, group)}`,
        note: 'Schedule lag: how much later than scheduled requests left the driver, which their latency contains, in the slices that count. A slice with a p99 above 1 ms, or with a request that was never sent, does not count.',
        columns: [
          { label: 'Schedule lag p50', unit: 'µs' },
          { label: 'Schedule lag p99', unit: 'µs' },
          { label: 'Left out as late', unit: 'slices' },
          { label: 'Never sent, of all slices', unit: 'requests' },
        ],
        rows: results.plan.variants.flatMap(({ id, label }) => {
          const slices = byVariant.get(id)
          return slices === undefined ? [] : [{ variant: id, label, cells: cellsOf(slices) }]
        }),
      }
      return [section]
    })

function cellsOf(slices: readonly Slice[]): readonly Cell[] {
  const lag = mergeRecorded(
    slices.flatMap((slice) => (isValid(slice) && slice.scheduleLag !== undefined ? [slice.scheduleLag] : [])),
  )
  const quantile = (level: number): Cell => {
    const ns = anyQuantileNs(lag, level)
    return ns === undefined ? { kind: 'absent', reason: 'no slice counts' } : textCell(lagText(ns / 1000))
  }
  const late = slices.filter(({ doubts }) => doubts.some(({ code }) => code === 'schedule-lag' || code === 'unsent'))
  return [
    quantile(0.5),
    quantile(0.99),
    textCell(`${late.length} of ${slices.length}`),
    textCell(whole(slices.reduce((sum, { unsent = 0 }) => sum + unsent, 0))),
  ]
}

const lagText = (us: number): string => (us < 100 ? us.toFixed(1) : whole(us))
