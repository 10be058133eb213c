import type { ReportData } from '../../report-data.ts'
import type { HeatMapView } from '../../tuning-view.ts'
import type { ChartDefinition, Panel } from '../chart-definition.ts'
import { heatKey, heatTable } from '../heat-table.ts'

/** Throughput and p95 of every pool at every number of connections, one panel a distance. */
export const poolHeatMap: ChartDefinition = {
  id: 'pools',
  title: 'Pool size against connections',
  short: 'Pools',
  panels: ({ tuning }) => [...mapsByTitle(tuning?.heatMaps ?? [])].map(([title, maps]) => panelOf(title, maps)),
}

/** Both maps of a distance stand in one panel. */
function mapsByTitle(maps: NonNullable<ReportData['tuning']>['heatMaps']): ReadonlyMap<string, readonly HeatMapView[]> {
  const byTitle = new Map<string, HeatMapView[]>()
  for (const map of maps) byTitle.set(map.title, [...(byTitle.get(map.title) ?? []), map])
  return byTitle
}

const panelOf = (title: string, maps: readonly HeatMapView[]): Panel => ({
  key: title,
  label: title,
  note: 'Closed loop: requests per second, and the 95th percentile of response time in µs, which at saturation is queueing. Below each figure its 95 % interval over restarts. Colour compares the pools of one column with the best of it; the framed pool is the recommended one.',
  plots: [],
  content: () => [heatKey(), heatTables(title, maps)],
})

function heatTables(title: string, maps: readonly HeatMapView[]): HTMLElement {
  const node = document.createElement('div')
  node.className = 'heat-maps'
  node.append(...maps.map((map) => heatTable(title, map)))
  return node
}
