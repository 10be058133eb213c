import type { ChartConfiguration } from 'chart.js'
import type { PoolWaitView, SeriesView } from '../../tuning-view.ts'
import { logAxis, type Range } from '../axis.ts'
import type { ChartDefinition, Panel, Surface } from '../chart-definition.ts'
import {
  aroundPlaces,
  extentOf,
  lineThroughPoints,
  placesOf,
  seriesEntries,
  seriesOptions,
  seriesTable,
  ticksAt,
} from '../series.ts'

/** A wait below this is no wait; a logarithmic axis has no place for zero. Microseconds. */
const leastWaitUs = 0.1

/** How long a query waits for a connection of the pool, by the size of the pool. */
export const poolWait: ChartDefinition = {
  id: 'pool-wait',
  title: 'Waiting for the pool',
  short: 'Pool wait',
  panels: ({ tuning }) => (tuning?.poolWaits ?? []).filter(({ series }) => series.length > 0).map(panelOf),
}

function panelOf({ title, series }: PoolWaitView): Panel {
  return {
    key: title,
    label: title,
    note: 'Closed loop. Mean time in µs for which a query waits for a connection of the pool, before it is sent; both axes logarithmic, 95 % intervals over restarts. One line a number of connections that clients hold.',
    legend: { entries: seriesEntries(series), lines: true },
    plots: [
      {
        height: (width) => Math.min(420, Math.max(280, width * 0.45)),
        config: (surface) => config(series, surface),
      },
    ],
    table: seriesTable(series, 'Pool size', String),
  }
}

function rangeOf(series: readonly SeriesView[]): Range {
  const waits = extentOf(series).filter((us) => us >= leastWaitUs)
  // Nobody waited: any decade shows that.
  return waits.length === 0
    ? { min: leastWaitUs, max: 10 * leastWaitUs }
    : { min: Math.min(...waits) / 1.4, max: Math.max(...waits) * 1.4 }
}

function config(all: readonly SeriesView[], surface: Surface): ChartConfiguration {
  const shown = all.filter(({ label }) => surface.shown(label))
  const places = placesOf(all)
  const range = rangeOf(all)
  return {
    type: 'scatter',
    data: { datasets: lineThroughPoints(shown, surface, range.min) },
    options: {
      ...seriesOptions(all, surface, (x) => `pool of ${x}`),
      scales: {
        x: { ...logAxis(surface, 'connections in the pool', aroundPlaces(places)), ...ticksAt(places) },
        y: logAxis(surface, 'mean wait, µs', range),
      },
    },
  }
}
