import type { ChartConfiguration } from 'chart.js'
import type { EstimateView, LoadView, ReportData, RevocationView, VariantView } from '../../report-data.ts'
import { datasetTitle, logAxis, logTicks, quiet, rangeWithZero, tickText, tooltipColours, valueAxis } from '../axis.ts'
import type { ChartDefinition, Panel, Surface } from '../chart-definition.ts'
import { findEstimate, inWords } from '../lookup.ts'
import { pointLook } from '../point-look.ts'

interface Entry {
  readonly variant: VariantView
  readonly lag: RevocationView
  readonly cost: EstimateView
}

/** With fewer there is nothing to choose from. */
const fewestCandidates = 3
/** A logarithmic axis has no zero: what is refused from the next request on stands here, seconds. */
const atOnceS = 0.001

/** What a request costs against for how long a credential outlives its logout: towards the lower left, both are small. */
export const costAgainstRevocation: ChartDefinition = {
  id: 'revocation',
  title: 'CPU cost against revocation lag',
  short: 'Cost against revocation',
  panels: (data) =>
    data.loads
      .filter(({ mode }) => mode === 'fixed-rate')
      .flatMap((load) => {
        const entries = entriesOf(data, load)
        return entries.length < fewestCandidates ? [] : [panelOf(load, entries)]
      }),
}

const entriesOf = (data: ReportData, load: LoadView): readonly Entry[] =>
  data.variants.flatMap((variant) => {
    const lag = data.revocation.find((one) => one.variant === variant.id)
    const cost = findEstimate(data, {
      load: load.key,
      variant: variant.id,
      metric: 'totalCpuUsPerRequest',
      kind: 'cost',
    })
    return variant.role !== 'candidate' || lag === undefined || cost === undefined ? [] : [{ variant, lag, cost }]
  })

function panelOf(load: LoadView, entries: readonly Entry[]): Panel {
  return {
    key: load.key,
    label: load.short,
    note: [
      `${load.title}. App and database CPU over the control in µs per request, 95 % intervals, against the time for which a credential is accepted after its user logged out (logarithmic).`,
      'At the left edge: refused from the next request on.',
      ...(entries.every(({ lag }) => lag.measured)
        ? []
        : ['Where the lag is too long to wait for, the point stands at what the formula gives.']),
    ].join(' '),
    plots: [
      {
        height: (width) => Math.min(440, Math.max(280, width * 0.5)),
        config: (surface) => config(entries, surface),
      },
    ],
    legend: { entries: entries.map(({ variant }) => variant), lines: false },
    table: {
      head: ['Variant', 'CPU cost', 'Accepted after logout', 'Formula'],
      rows: entries.map(({ variant, lag, cost }) => [
        variant.label,
        inWords(cost),
        ...[0, 1].map((index) => lag.words[index] ?? '–'),
      ]),
    },
  }
}

const place = ({ lag }: Entry): number => Math.max(atOnceS, lag.lagS)

const secondsText = (seconds: number): string => (seconds <= atOnceS ? 'at once' : tickText(seconds))

function config(all: readonly Entry[], surface: Surface): ChartConfiguration {
  const { theme } = surface
  // The axes stay as they are when a variant is hidden.
  const range = { min: atOnceS / 1.6, max: Math.max(1, ...all.map(place)) * 1.6 }
  const entries = all.filter(({ variant }) => surface.shown(variant.id))
  const seconds = logAxis(surface, 'accepted after logout, seconds', range)
  return {
    type: 'scatterWithErrorBars',
    data: {
      datasets: entries.map((entry) => ({
        type: 'scatterWithErrorBars' as const,
        label: entry.variant.label,
        ...pointLook(theme.variant(entry.variant), 5, 1.5),
        hoverRadius: 5,
        data: [{ x: place(entry), y: entry.cost.value, yMin: entry.cost.low, yMax: entry.cost.high }],
      })),
    },
    options: {
      ...quiet,
      scales: {
        x: {
          ...seconds,
          afterBuildTicks: (built: { ticks: { value: number }[] }) => {
            // Whole decades: the range is wide.
            built.ticks = logTicks(range.min, range.max).filter(({ value }) => Number.isInteger(decade(value)))
          },
          ticks: { ...seconds.ticks, callback: (value: string | number) => secondsText(Number(value)) },
        },
        y: valueAxis(surface, 'µs of CPU per request', rangeWithZero(all.flatMap(({ cost }) => [cost.low, cost.high]))),
      },
      plugins: {
        legend: { display: false },
        tooltip: {
          ...tooltipColours(surface),
          callbacks: {
            title: datasetTitle,
            label: ({ datasetIndex }) => {
              const entry = entries[datasetIndex]
              return [inWords(entry?.cost), `accepted after logout: ${entry?.lag.words[0] ?? ''}`]
            },
          },
        },
      },
    },
  }
}

/** The decade of a tick; rounded, because logarithms are not exact. */
const decade = (value: number): number => Number(Math.log10(value).toFixed(6))
