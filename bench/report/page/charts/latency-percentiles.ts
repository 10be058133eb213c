import type { ChartConfiguration } from 'chart.js'
import type { CurveView, LoadView, ReportData, VariantView } from '../../report-data.ts'
import { axisTitle, logAxis, quiet, type Range, tickFont, tooltipOf } from '../axis.ts'
import type { ChartDefinition, Panel, Surface } from '../chart-definition.ts'
import { findEstimate, inWords, panelsPerLoad } from '../lookup.ts'
import { pointLook } from '../point-look.ts'

const named = [0.5, 0.9, 0.99, 0.999, 0.9999] as const

/** Position on the axis of HdrHistogram's plots: every further nine is as wide as the one before. */
export const nines = (quantile: number): number => -Math.log10(1 - quantile)

const percentName = (quantile: number): string => `p${Number((quantile * 100).toFixed(4))}`

interface Series {
  readonly variant: VariantView
  readonly curve: CurveView
}

/** Response time by percentile on a logarithmic percentile axis, tails included. */
export const latencyPercentiles: ChartDefinition = {
  id: 'percentiles',
  title: 'Response time by percentile',
  short: 'Percentiles',
  panels: (data) =>
    panelsPerLoad(
      data,
      data.loads,
      (load, variant): Series | undefined => {
        const curve = data.curves.find((entry) => entry.load === load.key && entry.variant === variant.id)
        return curve === undefined ? undefined : { variant, curve }
      },
      (load, series) => panelOf(data, load, series),
    ),
}

/** What the response times of each mode are, so that nobody takes queueing for added latency. */
export const meaningOf: Record<LoadView['mode'], string> = {
  'fixed-rate': 'Latency from the scheduled start: waiting is included.',
  saturation: 'At saturation this is queueing among the connections, not added latency.',
  unloaded: 'One request at a time: no queueing at all.',
  'bad-traffic': 'As at saturation: queueing among the connections, refusals among the answers.',
}

function panelOf(data: ReportData, load: LoadView, series: readonly Series[]): Panel {
  const estimate = (variant: string, quantile: number) =>
    findEstimate(data, { load: load.key, variant, metric: 'latencyUs', kind: 'absolute', quantile })
  const quantiles = named.filter((quantile) =>
    series.some(({ variant }) => estimate(variant.id, quantile) !== undefined),
  )
  return {
    key: load.key,
    label: load.short,
    note: `${load.title}. ${meaningOf[load.mode]} µs; lines are all responses merged, points carry the 95 % interval over restarts. A line ends where fewer than 50 responses lie beyond.`,
    legend: { entries: series.map(({ variant }) => variant), lines: true },
    plots: [
      {
        height: (width) => Math.min(440, Math.max(300, width * 0.5)),
        config: (surface) => config(data, load, series, surface),
      },
    ],
    table: {
      head: ['Variant', ...quantiles.map(percentName), 'Responses'],
      rows: series.map(({ variant, curve }) => [
        variant.label,
        ...quantiles.map((quantile) => inWords(estimate(variant.id, quantile))),
        curve.responses.toLocaleString('en-US'),
      ]),
    },
  }
}

/** A logarithmic axis has no place for an interval that reaches zero: it ends at the edge, a decade below all responses. */
function rangeOf(responses: readonly number[], intervals: readonly number[]): Range {
  const lowest = Math.min(...responses) / 10
  const values = [...responses, ...intervals.filter((us) => us >= lowest)]
  return { min: Math.min(...values) * 0.9, max: Math.max(...values) * 1.12 }
}

function config(data: ReportData, load: LoadView, all: readonly Series[], surface: Surface): ChartConfiguration {
  const { theme } = surface
  const series = all.filter(({ variant }) => surface.shown(variant.id))
  const longest = Math.max(1, ...all.map(({ curve }) => nines(curve.points.at(-1)?.[0] ?? 0)))
  const pointsOf = ({ variant }: Series) =>
    named.flatMap((quantile) => {
      const found = findEstimate(data, {
        load: load.key,
        variant: variant.id,
        metric: 'latencyUs',
        kind: 'absolute',
        quantile,
      })
      return found === undefined ? [] : [{ x: nines(quantile), ...found }]
    })
  const range = rangeOf(
    all.flatMap(({ curve }) => curve.points.map(([, us]) => us)),
    all.flatMap((one) => pointsOf(one).flatMap(({ value, low, high }) => [value, low, high])),
  )
  const within = (us: number): number => Math.max(us, range.min)
  return {
    type: 'line',
    data: {
      datasets: series.flatMap(({ variant, curve }) => {
        const style = theme.variant(variant)
        const points = pointsOf({ variant, curve }).map(({ x, value, low, high }) => ({
          x,
          y: within(value),
          yMin: within(low),
          yMax: within(high),
          xMin: [],
          xMax: [],
        }))
        return [
          {
            type: 'scatterWithErrorBars' as const,
            label: variant.label,
            data: points,
            ...pointLook(style, 4, 1.25),
            borderWidth: 1.25,
            errorBarWhiskerSize: 8,
          },
          {
            type: 'line' as const,
            label: variant.label,
            data: curve.points.map(([quantile, us]) => ({ x: nines(quantile), y: us })),
            borderColor: style.colour,
            borderDash: [...style.dash],
            borderWidth: variant.role === 'candidate' ? 2 : 1.5,
            pointRadius: 0,
            pointHitRadius: 6,
          },
        ]
      }),
    },
    options: {
      ...quiet,
      interaction: { mode: 'nearest', intersect: true },
      layout: { padding: { right: 12, top: 4 } },
      scales: {
        x: {
          type: 'linear',
          min: 0,
          max: longest * 1.01,
          grid: { color: theme.rule },
          border: { color: theme.rule },
          title: axisTitle(surface, 'percentile of responses (logarithmic)'),
          afterBuildTicks: (axis) => {
            axis.ticks = [0, ...named]
              .filter((quantile) => nines(quantile) <= longest * 1.01)
              .map((quantile) => ({ value: nines(quantile) }))
          },
          ticks: {
            color: theme.muted,
            font: tickFont(surface),
            autoSkip: false,
            maxRotation: 0,
            callback: (value) => {
              const quantile = 1 - 10 ** -Number(value)
              return `${Number((quantile * 100).toFixed(3))} %`
            },
          },
        },
        y: logAxis(surface, 'response time, µs (logarithmic)', range),
      },
      plugins: tooltipOf(surface, {
        label: ({ parsed }) => `${percentName(1 - 10 ** -(parsed.x ?? 0))}: ${(parsed.y ?? 0).toPrecision(4)} µs`,
      }),
    },
  }
}
