import type { ChartConfiguration } from 'chart.js'
import type { CalibrationPoint, LoadView, ReportData, VariantView } from '../../report-data.ts'
import { logAxis, quiet, type Range, tooltipOf } from '../axis.ts'
import type { ChartDefinition, Panel, Surface } from '../chart-definition.ts'
import { pointLook } from '../point-look.ts'

interface Entry {
  readonly variant: VariantView
  readonly point: CalibrationPoint
}

/** What was recovered of each known cost, against what was injected; on the line, both are equal. */
export const knownCosts: ChartDefinition = {
  id: 'known-costs',
  title: 'Known costs, recovered against injected',
  short: 'Known costs',
  panels: (data) =>
    [...data.loads].sort(saturationFirst).flatMap((load) =>
      (['cpu', 'wait'] as const).flatMap((amount) => {
        const entries = entriesOf(data, load, amount)
        return entries.length === 0 ? [] : [panelOf(load, amount, entries)]
      }),
    ),
}

/** Where the proof is sharpest. */
const saturationFirst = (a: LoadView, b: LoadView): number =>
  Number(b.mode === 'saturation') - Number(a.mode === 'saturation')

const entriesOf = (data: ReportData, load: LoadView, amount: CalibrationPoint['amount']): readonly Entry[] =>
  data.variants.flatMap((variant) => {
    const point = data.calibration?.points.find(
      (one) => one.variant === variant.id && one.load === load.key && one.amount === amount,
    )
    return point === undefined ? [] : [{ variant, point }]
  })

function panelOf(load: LoadView, amount: CalibrationPoint['amount'], entries: readonly Entry[]): Panel {
  const what = amount === 'cpu' ? 'µs of app CPU per request' : 'µs of median latency'
  const { min } = rangeOf(entries)
  const below = entries.filter(({ point }) => point.recoveredUs < min).map(({ variant }) => variant.label)
  return {
    key: `${load.key} ${amount}`,
    label: `${amount === 'cpu' ? 'CPU' : 'Waits'}, ${load.short}`,
    note: `${load.title}. Known amounts in ${what}, variant minus control, 95 % intervals, both axes logarithmic. On the line, as much was found as was injected.${below.length === 0 ? '' : ` Recovered too little for the axis, and so drawn at its lower edge: ${below.join(', ')}.`}`,
    plots: [
      {
        height: (width) => Math.min(440, Math.max(280, width * 0.5)),
        config: (surface) => config(entries, what, surface),
      },
    ],
    legend: { entries: entries.map(({ variant }) => variant), lines: false },
    table: {
      head: ['Variant', 'Injected', 'Recovered', 'Error', 'Found'],
      rows: entries.map(({ variant, point }) => [variant.label, ...point.words]),
    },
  }
}

/** Equal on both axes, so that the line of equality runs from corner to corner. */
function rangeOf(entries: readonly Entry[]): Range {
  // A logarithmic axis has no place for what is zero or below: such points and intervals end at the edge.
  const values = entries.flatMap(({ point }) =>
    [point.injectedUs, point.recoveredUs, point.lowUs, point.highUs].filter((value) => value > 0.05),
  )
  return { min: Math.min(...values) / 1.6, max: Math.max(...values) * 1.6 }
}

function config(all: readonly Entry[], what: string, surface: Surface): ChartConfiguration {
  const { theme } = surface
  const range = rangeOf(all)
  const atLeast = (us: number): number => Math.max(us, range.min)
  const entries = all.filter(({ variant }) => surface.shown(variant.id))
  return {
    type: 'scatterWithErrorBars',
    data: {
      datasets: entries.map(({ variant, point }) => ({
        type: 'scatterWithErrorBars' as const,
        label: variant.label,
        ...pointLook(theme.variant(variant), 5, 1.5),
        hoverRadius: 5,
        data: [
          {
            x: atLeast(point.injectedUs),
            y: atLeast(point.recoveredUs),
            yMin: atLeast(point.lowUs),
            yMax: atLeast(point.highUs),
          },
        ],
      })),
    },
    options: {
      ...quiet,
      scales: {
        x: logAxis(surface, 'injected, µs (measured in the server)', range),
        y: logAxis(surface, `recovered, ${what}`, range),
      },
      plugins: tooltipOf(surface, {
        label: ({ datasetIndex }) => {
          const [injected, recovered] = entries[datasetIndex]?.point.words ?? []
          return [`injected ${injected ?? ''}`, `recovered ${recovered ?? ''}`]
        },
      }),
    },
    plugins: [
      {
        id: 'equality',
        beforeDatasetsDraw({ ctx, scales }) {
          const { x, y } = scales
          if (x === undefined || y === undefined) return
          ctx.save()
          ctx.strokeStyle = theme.muted
          ctx.setLineDash([4, 4])
          ctx.beginPath()
          ctx.moveTo(x.getPixelForValue(range.min), y.getPixelForValue(range.min))
          ctx.lineTo(x.getPixelForValue(range.max), y.getPixelForValue(range.max))
          ctx.stroke()
          ctx.restore()
        },
      },
    ],
  }
}
