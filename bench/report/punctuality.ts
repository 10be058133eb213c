import type { Results } from '../record/run.ts'
import { isValid, type Slice } from '../record/slice.ts'
import { anyQuantileNs } from '../statistics/histogram.ts'
import { mergeRecorded } from './distribution.ts'
import { textCell, whole } from './figure-text.ts'
import { loadShort, loadsInUse, viewKey } from './load-view.ts'
import type { Cell, Section } from './report-data.ts'

/** How late requests at a fixed rate were sent, how many waited for a connection, and how many were never sent: one table a rate. */
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
        note: 'Schedule lag: how late the driver was, in the slices that count: from when a request was due and a connection free until it left. A request that found all 64 connections busy waited for the server; its latency contains that, and it is no reason to leave a slice out. A slice with a lag of more than 1 ms at p99, or with a request that was never sent, does not count.',
        columns: [
          { label: 'Schedule lag p50', unit: 'µs' },
          { label: 'Schedule lag p99', unit: 'µs' },
          { label: 'Waited for a connection', unit: 'of requests' },
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
    waitedCell(slices),
    textCell(`${late.length} of ${slices.length}`),
    textCell(whole(slices.reduce((sum, { unsent = 0 }) => sum + unsent, 0))),
  ]
}

function waitedCell(slices: readonly Slice[]): Cell {
  const counted = slices.filter((slice) => isValid(slice) && slice.waitedForConnection !== undefined)
  const requests = counted.reduce((sum, slice) => sum + slice.requests, 0)
  if (requests === 0) return { kind: 'absent', reason: 'it was not counted' }
  const waited = counted.reduce((sum, { waitedForConnection = 0 }) => sum + waitedForConnection, 0)
  return textCell(`${Number(((100 * waited) / requests).toPrecision(2))} %`)
}

const lagText = (us: number): string => (us < 100 ? us.toFixed(1) : whole(us))
