import type { ChartConfiguration } from 'chart.js'
import type { DistributionView, LoadView, VariantView } from '../../report-data.ts'
import { isDecade, logAxis, logTicks, narrow, quiet, tooltipOf } from '../axis.ts'
import type { ChartDefinition, Panel, Surface } from '../chart-definition.ts'
import { panelsPerLoad } from '../lookup.ts'
import { heightOfRows, rowAxis, rowLabel } from '../rows.ts'
import { meaningOf } from './latency-percentiles.ts'

interface Series {
  readonly variant: VariantView
  readonly distribution: DistributionView
}

/** The shape of the response times, one ridge a variant. */
export const latencyDistribution: ChartDefinition = {
  id: 'distributions',
  title: 'Distribution of response times',
  short: 'Distributions',
  panels: (data) =>
    panelsPerLoad(
      data,
      data.loads,
      (load, variant): Series | undefined => {
        const distribution = data.distributions.find((entry) => entry.load === load.key && entry.variant === variant.id)
        return distribution === undefined ? undefined : { variant, distribution }
      },
      panelOf,
    ),
}

/** A ridge may rise a little into the row above: peaks stay readable and rows close. */
const ridgeHeight = 0.92

function panelOf(load: LoadView, series: readonly Series[]): Panel {
  return {
    key: load.key,
    label: load.short,
    note: `${load.title}. ${meaningOf[load.mode]} µs on a logarithmic axis; every valid response up to p99.8, each variant scaled to its own peak; the tick under a ridge is its median.`,
    plots: [
      {
        height: heightOfRows(series, 46),
        config: (surface) => config(series, surface),
      },
    ],
    table: {
      head: ['Variant', 'Median of all responses', 'Most frequent', 'Responses'],
      rows: series.map(({ variant, distribution }) => [
        variant.label,
        `${distribution.medianUs.toPrecision(4)} µs`,
        `${peakUs(distribution).toPrecision(3)} µs`,
        distribution.responses.toLocaleString('en-US'),
      ]),
    },
  }
}

const peakUs = ({ bins }: DistributionView): number =>
  bins.reduce((best, bin) => (bin[1] > best[1] ? bin : best), [0, -1] as readonly [number, number])[0]

function config(series: readonly Series[], surface: Surface): ChartConfiguration {
  const { theme } = surface
  const baseOf = (index: number): number => series.length - 1 - index
  const values = series.flatMap(({ distribution }) => distribution.bins.map(([us]) => us))
  const time = logAxis(surface, 'response time, µs (logarithmic)', {
    min: Math.min(...values),
    max: Math.max(...values),
  })
  const names = rowAxis(surface)
  return {
    type: 'line',
    data: {
      datasets: series.map(({ variant, distribution }, index) => {
        const { colour } = theme.variant(variant)
        return {
          type: 'line' as const,
          label: variant.label,
          data: distribution.bins.map(([us, share]) => ({ x: us, y: baseOf(index) + ridgeHeight * share })),
          borderColor: colour,
          borderWidth: 1.5,
          backgroundColor: `${colour}40`,
          fill: { value: baseOf(index) },
          pointRadius: 0,
          pointHitRadius: 8,
          tension: 0.25,
          // chart.js draws later datasets first: the front rows are the lower ones.
          order: series.length - index,
        }
      }),
    },
    options: {
      ...quiet,
      interaction: { mode: 'nearest', intersect: true },
      layout: { padding: { right: 12 } },
      scales: {
        x: {
          ...time,
          border: { color: theme.rule },
          afterBuildTicks: (axis: { ticks: { value: number }[] }) => {
            const ticks = logTicks(time.min, time.max)
            // Names of five digits would run into one another.
            axis.ticks = narrow(surface.width) && ticks.length > 6 ? ticks.filter(isDecade) : ticks
          },
          ticks: { ...time.ticks, maxRotation: 0 },
        },
        y: {
          min: -0.18,
          max: series.length,
          grid: { color: theme.rule },
          border: { display: false },
          afterBuildTicks: (axis) => {
            axis.ticks = series.map((_, index) => ({ value: baseOf(index) })).reverse()
          },
          ticks: {
            ...names.ticks,
            callback: (value) =>
              rowLabel(series[series.length - 1 - Number(value)]?.variant.label ?? '', surface.width),
          },
        },
      },
      plugins: {
        filler: { propagate: false },
        ...tooltipOf(surface, {
          label: ({ datasetIndex, parsed }) =>
            `${(parsed.x ?? 0).toPrecision(3)} µs: ${Math.round((((parsed.y ?? 0) - baseOf(datasetIndex)) / ridgeHeight) * 100)} % of the peak`,
        }),
      },
    },
    plugins: [
      {
        id: 'medians',
        afterDatasetsDraw({ ctx, scales }) {
          const { x, y } = scales
          if (x === undefined || y === undefined) return
          ctx.save()
          ctx.lineWidth = 2
          series.forEach(({ variant, distribution }, index) => {
            const left = x.getPixelForValue(distribution.medianUs)
            const base = y.getPixelForValue(baseOf(index))
            ctx.strokeStyle = theme.variant(variant).colour
            ctx.beginPath()
            ctx.moveTo(left, base)
            ctx.lineTo(left, base + 7)
            ctx.stroke()
          })
          ctx.restore()
        },
      },
    ],
  }
}
