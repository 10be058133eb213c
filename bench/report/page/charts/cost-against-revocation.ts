import type { ChartConfiguration } from 'chart.js'
import type {
  EstimateView,
  LoadView,
  ReportData,
  RevocationView,
  SteadyCostView,
  VariantView,
} from '../../report-data.ts'
import { isDecade, logAxis, logTicks, quiet, rangeWithZero, tickText, tooltipOf, valueAxis } from '../axis.ts'
import type { ChartDefinition, Panel, Surface } from '../chart-definition.ts'
import { findEstimate, inWords } from '../lookup.ts'
import { pointLook } from '../point-look.ts'

interface Entry {
  readonly variant: VariantView
  readonly lag: RevocationView
  readonly cost: EstimateView | SteadyCostView
  readonly metricLabel: string
}

const events = [
  {
    id: 'logout',
    short: 'logout',
    column: 'Accepted after logout',
    axis: 'accepted after logout, seconds',
    against: 'the time for which a credential is accepted after its user logged out',
  },
  {
    id: 'role-change',
    short: 'changed role',
    column: 'Old role after its change',
    axis: 'old role after its change, seconds',
    against: 'the time for which the old role is answered after it was changed',
  },
  {
    id: 'user-deletion',
    short: 'deleted user',
    column: 'Accepted after deletion',
    axis: 'accepted after deletion, seconds',
    against: 'the time for which a credential is accepted after its user was deleted',
  },
] as const

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
        return events.flatMap((event) => {
          const entries = entriesOf(data, load, event.id)
          return entries.filter(isPlaced).length < fewestCandidates ? [] : [panelOf(load, event, entries)]
        })
      }),
}

const entriesOf = (data: ReportData, load: LoadView, event: RevocationView['event']): readonly Entry[] =>
  data.variants.flatMap((variant) => {
    const lag = data.revocation.find((one) => one.variant === variant.checked && one.event === event)
    const cost = findEstimate(data, {
      load: load.key,
      variant: variant.id,
      metric: 'totalCpuUsPerRequest',
      kind: 'cost',
    })
    if (variant.role !== 'candidate' || lag === undefined || cost === undefined) return []
    // In ordinary slices the share of misses of a variant with a clock of its own is not that of use.
    const steady = data.steadyCosts.find((one) => one.variant === variant.id && one.load === load.key)
    return [{ variant, lag, cost: steady ?? cost, metricLabel: cost.metricLabel }]
  })

const costText = ({ cost }: Entry): string =>
  'from' in cost ? `${inWords(cost)} (${waysOfSteady[cost.from].short})` : inWords(cost)

const waysOfSteady = {
  measured: {
    short: 'steady windows',
    long: 'the cost is that of windows in which the share of misses was steady',
  },
  derived: {
    short: 'derived from hits and misses',
    long: 'the cost is derived for the real period from hits and misses that were measured with a shorter one',
  },
} as const

/** Whose cost is not that of ordinary slices, and why. */
function steadyNotes(entries: readonly Entry[]): readonly string[] {
  const ways = (['measured', 'derived'] as const).flatMap((from) => {
    const labels = entries.flatMap(({ variant, cost }) => ('from' in cost && cost.from === from ? [variant.label] : []))
    return labels.length === 0 ? [] : [`Of ${labels.join('; ')} ${waysOfSteady[from].long}.`]
  })
  if (ways.length === 0) return []
  return [...ways, 'In ordinary slices the share of misses of such variants is not that of use (see Hits and misses).']
}

/** What has no bound has no place on an axis. */
const isPlaced = ({ lag }: Entry): boolean => lag.lagS !== undefined

function panelOf(load: LoadView, event: (typeof events)[number], all: readonly Entry[]): Panel {
  const entries = all.filter(isPlaced)
  const unbounded = all.filter((entry) => !isPlaced(entry)).map(({ variant }) => variant.label)
  return {
    key: event.id === 'logout' ? load.key : `${load.key}/${event.id}`,
    label: `${load.short}, ${event.short}`,
    note: [
      `${load.title}. ${entries[0]?.metricLabel ?? 'CPU per request'} over the control in µs, 95 % intervals, against ${event.against} (logarithmic).`,
      'At the left edge: from the next request on.',
      ...steadyNotes(all),
      ...(unbounded.length === 0 ? [] : [`Without a bound, and so not drawn: ${unbounded.join(', ')}.`]),
      ...(entries.every(({ lag }) => lag.measured)
        ? []
        : ['Where the lag is too long to wait for, the point stands at what the formula gives.']),
    ].join(' '),
    plots: [
      {
        height: (width) => Math.min(440, Math.max(280, width * 0.5)),
        config: (surface) => config(entries, event.axis, surface),
      },
    ],
    legend: { entries: entries.map(({ variant }) => variant), lines: false },
    table: {
      head: ['Variant', 'CPU cost', event.column, 'Formula'],
      rows: all.map((entry) => [
        entry.variant.label,
        costText(entry),
        ...[0, 1].map((index) => entry.lag.words[index] ?? '–'),
      ]),
    },
  }
}

const place = ({ lag }: Entry): number => Math.max(atOnceS, lag.lagS ?? 0)

const secondsText = (seconds: number): string => (seconds <= atOnceS ? 'at once' : tickText(seconds))

function config(all: readonly Entry[], axis: string, surface: Surface): ChartConfiguration {
  const { theme } = surface
  // The axes stay as they are when a variant is hidden.
  const range = { min: atOnceS / 1.6, max: Math.max(1, ...all.map(place)) * 1.6 }
  const entries = all.filter(({ variant }) => surface.shown(variant.id))
  const seconds = logAxis(surface, axis, range)
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
            built.ticks = logTicks(range.min, range.max).filter(isDecade)
          },
          ticks: { ...seconds.ticks, callback: (value: string | number) => secondsText(Number(value)) },
        },
        y: valueAxis(surface, 'µs of CPU per request', rangeWithZero(all.flatMap(({ cost }) => [cost.low, cost.high]))),
      },
      plugins: tooltipOf(surface, {
        label: ({ datasetIndex }) => {
          const entry = entries[datasetIndex]
          return entry === undefined
            ? []
            : [costText(entry), `${axis.replace(', seconds', '')}: ${entry.lag.words[0] ?? ''}`]
        },
      }),
    },
  }
}
