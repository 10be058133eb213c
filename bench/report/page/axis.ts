import type { ChartOptions, Plugin } from 'chart.js'
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

/** A label in lines of at most `characters`, broken at spaces; chart.js draws an array as lines. */
export function brokenLabel(label: string, characters: number): string | string[] {
  const lines: string[] = []
  for (const word of label.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= characters) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines.length === 1 ? label : lines
}

/** Names of rows, broken on a narrow surface. */
export const rowLabel = (label: string, width: number): string | string[] => brokenLabel(label, narrow(width) ? 18 : 26)

/** Height of a chart of named rows: axis below, rows of at least `least` pixels, more where a name takes more lines. */
export function rowsHeight(labels: readonly string[], width: number, least: number): number {
  const lines = Math.max(1, ...labels.map((label) => [rowLabel(label, width)].flat().length))
  return 56 + labels.length * Math.max(least, lines * 15 + 6)
}

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

/** Pixels that a text takes in the charts' font: for the room right of the longest bar. */
export function textWidth(text: string, surface: Surface): number {
  const context = document.createElement('canvas').getContext('2d')
  if (context === null) return text.length * 7
  context.font = `${tickFont(surface).size}px ${surface.font}`
  return context.measureText(text).width
}

/** Writes each row's figure right of where its bar or whisker ends. `ends` are values on the x axis. */
export const rowFigures = (
  rows: readonly { readonly text: string; readonly end: number }[],
  surface: Surface,
): Plugin => ({
  id: 'rowFigures',
  afterDatasetsDraw({ ctx, scales }) {
    const { x, y } = scales
    if (x === undefined || y === undefined) return
    ctx.save()
    ctx.font = `${tickFont(surface).size}px ${surface.font}`
    ctx.fillStyle = surface.theme.ink
    ctx.textBaseline = 'middle'
    rows.forEach(({ text, end }, index) => {
      ctx.fillText(text, x.getPixelForValue(Math.max(0, end)) + 9, y.getPixelForValue(index))
    })
    ctx.restore()
  },
})

/** A zero line, and the noise band around it as a shade, behind the data. */
export const zeroAndBand = (surface: Surface, band: number | undefined): Plugin => ({
  id: 'zeroAndBand',
  beforeDatasetsDraw({ ctx, scales, chartArea }) {
    const { x } = scales
    if (x === undefined) return
    ctx.save()
    if (band !== undefined && band > 0) {
      const from = x.getPixelForValue(-band)
      ctx.fillStyle = surface.theme.band
      ctx.fillRect(from, chartArea.top, x.getPixelForValue(band) - from, chartArea.height)
    }
    ctx.fillStyle = surface.theme.muted
    ctx.fillRect(Math.round(x.getPixelForValue(0)) - 0.5, chartArea.top, 1, chartArea.height)
    ctx.restore()
  },
})

/** A range that holds all values and zero, with a little air. */
export function rangeWithZero(values: readonly number[]): { readonly min: number; readonly max: number } {
  const low = Math.min(0, ...values)
  const high = Math.max(0, ...values)
  const air = (high - low || 1) * 0.03
  return { min: low < 0 ? low - air : 0, max: high + air }
}
