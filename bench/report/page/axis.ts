import type { ChartOptions, ChartType, TooltipItem } from 'chart.js'
import type { Surface } from './chart-definition.ts'

/** Options that every chart shares: no animation (a report is read, not watched), our own sizes and legends. */
export const quiet = {
  animation: false,
  responsive: false,
  maintainAspectRatio: false,
  events: ['mousemove', 'mouseout', 'click', 'touchstart', 'touchmove'],
} satisfies ChartOptions

export const narrow = (width: number): boolean => width < 520

export const tickFont = (surface: Surface): { family: string; size: number } => ({
  family: surface.font,
  size: narrow(surface.width) ? 11 : 12,
})

/** Thousands separated, no trailing zeros, a true minus. */
export const tickText = (value: number): string =>
  value.toLocaleString('en-US', { maximumSignificantDigits: 4 }).replace('-', '−')

/**
 * Where a logarithmic axis has its lines and names: 1, 2 and 5 of each decade; finer within a single decade.
 *
 * @param min above 0
 */
export function logTicks(min: number, max: number): { readonly value: number }[] {
  const mantissas =
    max / min > 15 ? [1, 2, 5] : max / min > 3 ? [1, 1.5, 2, 3, 5, 7] : [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 7, 8, 9]
  const ticks: { value: number }[] = []
  for (let exponent = Math.floor(Math.log10(min)); 10 ** exponent <= max; exponent++) {
    for (const mantissa of mantissas) {
      const value = Number((mantissa * 10 ** exponent).toPrecision(3))
      if (value >= min && value <= max) ticks.push({ value })
    }
  }
  return ticks.length < 3 ? evenTicks(min, max) : ticks
}

/** Whether a tick is a power of ten; rounded, because logarithms are not exact. */
export const isDecade = ({ value }: { readonly value: number }): boolean =>
  Number.isInteger(Number(Math.log10(value).toFixed(6)))

/** Round numbers at even distances, for a range too narrow for decades. */
function evenTicks(min: number, max: number): { readonly value: number }[] {
  const rough = (max - min) / 5
  const unit = 10 ** Math.floor(Math.log10(rough))
  const step = unit * ([1, 2, 5].find((factor) => factor * unit >= rough) ?? 10)
  const first = Math.ceil(min / step)
  return Array.from({ length: Math.max(0, Math.floor(max / step) - first + 1) }, (_, index) => ({
    value: Number(((first + index) * step).toPrecision(6)),
  }))
}

/** Title of an axis in the muted colour. */
export const axisTitle = (
  surface: Surface,
  text: string,
): { display: true; text: string; color: string; font: { family: string; size: number } } => ({
  display: true,
  text,
  color: surface.theme.muted,
  font: tickFont(surface),
})

export interface Range {
  readonly min: number
  readonly max: number
}

/** A linear axis of figures: lines across the chart, no frame. */
export const valueAxis = (surface: Surface, title: string, range: Range, maxTicksLimit = 11) =>
  ({
    type: 'linear',
    ...range,
    grid: { color: surface.theme.rule },
    border: { display: false },
    title: axisTitle(surface, title),
    ticks: {
      color: surface.theme.muted,
      font: tickFont(surface),
      maxTicksLimit,
      includeBounds: false,
      callback: (value: string | number) => tickText(Number(value)),
    },
  }) as const

/** A logarithmic axis of figures: lines at `logTicks`, no frame. */
export const logAxis = (surface: Surface, title: string, range: Range) =>
  ({
    type: 'logarithmic',
    ...range,
    grid: { color: surface.theme.rule },
    border: { display: false },
    title: axisTitle(surface, title),
    afterBuildTicks: (axis: { ticks: { value: number }[] }) => {
      axis.ticks = logTicks(range.min, range.max)
    },
    ticks: {
      color: surface.theme.muted,
      font: tickFont(surface),
      autoSkip: false,
      callback: (value: string | number) => tickText(Number(value)),
    },
  }) as const

/** The colours and marks of tooltips. */
export const tooltipColours = ({ theme, font }: Surface) => ({
  backgroundColor: theme.ink,
  titleColor: theme.paper,
  bodyColor: theme.paper,
  titleFont: { family: font, size: 12 },
  bodyFont: { family: font, size: 12 },
  displayColors: false,
  padding: 8,
  cornerRadius: 2,
})

/** A tooltip's title where each dataset is a variant. */
const datasetTitle = (items: readonly { readonly dataset: { readonly label?: string | undefined } }[]): string =>
  items[0]?.dataset.label ?? ''

/** What a tooltip says of the points it stands at. */
interface TooltipWords {
  readonly title?: (items: TooltipItem<ChartType>[]) => string
  readonly label: (item: TooltipItem<ChartType>) => string | string[]
}

/** A tooltip with these words, titled by the dataset unless they say otherwise; legends are the page's own. */
export const tooltipOf = (surface: Surface, { title = datasetTitle, label }: TooltipWords) => ({
  legend: { display: false },
  tooltip: { ...tooltipColours(surface), callbacks: { title, label } },
})

/** A range that holds all values and zero, with a little air. */
export function rangeWithZero(values: readonly number[]): Range {
  const low = Math.min(0, ...values)
  const high = Math.max(0, ...values)
  const air = (high - low || 1) * 0.03
  return { min: low < 0 ? low - air : 0, max: high + air }
}
