import type { ChartConfiguration } from 'chart.js'
import type { DistanceView } from '../../tuning-view.ts'
import { rangeWithZero, tickText, valueAxis } from '../axis.ts'
import type { ChartDefinition, Panel, Surface } from '../chart-definition.ts'
import { extentOf, lineThroughPoints, placesOf, seriesEntries, seriesOptions, seriesTable, ticksAt } from '../series.ts'

/** What a request costs by the distance of the database: where a lookup's line crosses a token's, the choice changes. */
export const costAgainstDistance: ChartDefinition = {
  id: 'distance',
  title: 'Cost against distance from the database',
  short: 'Cost against distance',
  panels: ({ tuning }) => (tuning?.distances ?? []).filter(({ series }) => series.length > 0).map(panelOf),
}

const distanceText = (us: number): string =>
  us === 0 ? 'none added' : us < 1000 ? `${tickText(us)} µs` : `${tickText(us / 1000)} ms`

function panelOf(view: DistanceView): Panel {
  const unit = view.unit.replace(/\bus\b/, 'µs')
  return {
    key: view.title,
    label: view.title,
    note: [
      view.note,
      `Closed loop, ${unit}, 95 % intervals. Where lines cross, the choice changes.`,
      ...view.crossings,
    ].join(' '),
    legend: { entries: seriesEntries(view.series), lines: true },
    plots: [
      {
        height: (width) => Math.min(440, Math.max(300, width * 0.5)),
        config: (surface) => config(view, unit, surface),
      },
    ],
    table: seriesTable(view.series, 'Round trip added', distanceText),
  }
}

function config({ series: all }: DistanceView, unit: string, surface: Surface): ChartConfiguration {
  const shown = all.filter(({ label }) => surface.shown(label))
  const places = placesOf(all)
  const farthest = Math.max(...places, 1)
  return {
    type: 'scatter',
    data: { datasets: lineThroughPoints(shown, surface) },
    options: {
      ...seriesOptions(all, surface, distanceText),
      scales: {
        x: {
          ...valueAxis(surface, 'round trip added, µs', { min: -0.03 * farthest, max: farthest * 1.04 }),
          ...ticksAt(places),
        },
        y: valueAxis(surface, `${unit} per request`, rangeWithZero(extentOf(all))),
      },
    },
  }
}
