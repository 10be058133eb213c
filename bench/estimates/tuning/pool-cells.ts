import { boundsOf } from '../../record/bounded.ts'
import { type Absent, isValid } from '../../record/slice.ts'
import type { Bounded, PoolCell, TuningFigure } from '../../record/tuning.ts'
import type { Cell } from '../cells.ts'
import type { Answer } from '../figure.ts'
import { type HistogramSource, histogramFigure, type MergedHistograms } from '../histogram-figures.ts'
import { type SliceSource, sliceFigure } from '../slice-figures.ts'
import type { PoolGrid, PoolVariant } from './pool-grid.ts'
import * as sources from './pool-sources.ts'

/** What Little's law may be off by: arrivals come in bursts and never find themselves, a time average does not know that. */
const littleTolerance = { share: 0.15, requests: 1 }

/** Every cell of the grid that was measured, with its figures. */
export function poolCells({ pooled, levels }: PoolGrid, merged: MergedHistograms): readonly PoolCell[] {
  return pooled.flatMap((variant) =>
    levels.flatMap(({ connections, cell }) =>
      cell.variants.has(variant.id) ? [poolCell(variant, connections, cell, merged)] : [],
    ),
  )
}

function poolCell(variant: PoolVariant, connections: number, cell: Cell, merged: MergedHistograms): PoolCell {
  const asked = {
    cell,
    comparison: { variant: variant.id, role: 'candidate', pairwise: false },
    kind: 'absolute',
  } as const
  const value = (source: SliceSource): TuningFigure => bounded(sliceFigure(asked, source))
  const at = (source: HistogramSource, quantile: number): TuningFigure =>
    bounded(histogramFigure({ ...asked, quantile }, source, merged))
  const slices = [...(cell.variants.get(variant.id)?.values() ?? [])]
  const valid = slices.map((restart) => restart.filter(isValid)).filter(({ length }) => length >= cell.leastRounds)
  const waiting = valid.flat().flatMap(({ app }) => (app.pool === undefined ? [] : [app.pool.maxWaiting]))
  return {
    variant: variant.id,
    strategy: variant.strategy,
    poolSize: variant.poolSize,
    connections,
    ...variant.place,
    restarts: valid.length,
    slices: valid.flat().length,
    requestsPerSecond: value(sources.requestsPerSecond),
    saturationLatency: {
      p50Us: at(sources.responseTime, 0.5),
      p95Us: at(sources.responseTime, 0.95),
      p99Us: at(sources.responseTime, 0.99),
    },
    poolWait: {
      meanUs: value(sources.meanPoolWaitUs),
      p50Us: at(sources.poolWait, 0.5),
      p99Us: at(sources.poolWait, 0.99),
    },
    query: { meanUs: value(sources.meanQueryUs), p50Us: at(sources.query, 0.5), p99Us: at(sources.query, 0.99) },
    appCpuUsPerRequest: value(sources.appCpu),
    databaseCpuUsPerRequest: value(sources.databaseCpu),
    meanWaiting: value(sources.meanWaiting),
    meanBusy: value(sources.meanBusy),
    maxWaiting: waiting.length === 0 ? { absent: 'no query was made' } : Math.max(...waiting),
    littlesLaw: littlesLaw(value(sources.littleWaiting(variant.place.appInstances ?? 1)), value(sources.meanWaiting)),
  }
}

/** The bounds of an answer as they stand in the results. */
export function bounded(answer: Answer): Bounded | Absent {
  return 'absent' in answer ? answer : boundsOf(answer.interval)
}

function littlesLaw(expected: TuningFigure, found: TuningFigure): PoolCell['littlesLaw'] {
  if ('absent' in expected) return expected
  if ('absent' in found) return found
  const allowed = littleTolerance.requests + littleTolerance.share * Math.max(expected.value, found.value)
  return {
    expectedWaiting: expected,
    foundWaiting: found,
    agrees: Math.abs(expected.value - found.value) <= allowed,
  }
}
