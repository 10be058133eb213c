import type { ChartConfiguration, Plugin } from 'chart.js'
import type { BoundedView, ScalabilityView } from '../../tuning-view.ts'
import { logAxis, type Range, rangeWithZero, tickText, valueAxis } from '../axis.ts'
import type { ChartDefinition, Panel, Surface } from '../chart-definition.ts'
import { aroundPlaces, extentOf, placesOf, pointsWithBars, seriesOptions, seriesTable, ticksAt } from '../series.ts'

/** Throughput by the number of connections, and the Universal Scalability Law fitted to it. */
export const scalability: ChartDefinition = {
  id: 'scalability',
  title: 'Throughput over connections',
  short: 'Scalability',
  panels: ({ tuning }) => (tuning?.scalability ?? []).filter(({ points }) => points.points.length > 0).map(panelOf),
}

function panelOf(view: ScalabilityView): Panel {
  const words = [
    'Closed loop. Requests per second by connections that clients hold (logarithmic); points with 95 % intervals over restarts.',
    view.curve.length === 0 ? '' : 'The line is the Universal Scalability Law fitted to them.',
    view.peak === undefined ? '' : `The shade is where its peak lies: ${view.peak.text}.`,
    view.note,
  ]
  return {
    key: view.title,
    label: view.title,
    note: words.filter((sentence) => sentence !== '').join(' '),
    plots: [
      {
        height: (width) => Math.min(400, Math.max(280, width * 0.42)),
        config: (surface) => config(view, surface),
      },
    ],
    table: seriesTable([view.points], 'Connections', tickText),
  }
}

function config({ points, curve, peak }: ScalabilityView, surface: Surface): ChartConfiguration {
  const look = surface.theme.variant(points)
  const places = placesOf([points])
  const around = aroundPlaces(places)
  return {
    type: 'scatter',
    data: {
      datasets: [
        { type: 'scatterWithErrorBars', label: points.label, ...pointsWithBars(points.points, look) },
        {
          type: 'line',
          label: 'fit',
          data: curve.map(([x, y]) => ({ x, y })),
          borderColor: look.colour,
          borderWidth: 1.5,
          pointRadius: 0,
          pointHitRadius: 0,
        },
      ],
    },
    options: {
      ...seriesOptions([points], surface, (x) => `${tickText(x)} connections`),
      scales: {
        x: { ...logAxis(surface, 'connections (logarithmic)', around), ...ticksAt(places) },
        y: valueAxis(
          surface,
          'requests per second',
          rangeWithZero([...extentOf([points]), ...curve.map(([, y]) => y)]),
        ),
      },
    },
    plugins: peak === undefined ? [] : [peakShade(peak, around, surface)],
  }
}

/** Where the peak lies, as a shade with a line at its point, as far as the axis reaches. */
const peakShade = (peak: BoundedView, { min, max }: Range, { theme }: Surface): Plugin => ({
  id: 'peak',
  beforeDatasetsDraw({ ctx, scales, chartArea }) {
    const { x } = scales
    if (x === undefined) return
    const at = (connections: number): number => x.getPixelForValue(Math.min(max, Math.max(min, connections)))
    ctx.save()
    ctx.fillStyle = theme.band
    ctx.fillRect(at(peak.low), chartArea.top, Math.max(1, at(peak.high) - at(peak.low)), chartArea.height)
    if (peak.value >= min && peak.value <= max) {
      ctx.fillStyle = theme.muted
      ctx.fillRect(Math.round(at(peak.value)) - 0.5, chartArea.top, 1, chartArea.height)
    }
    ctx.restore()
  },
})
