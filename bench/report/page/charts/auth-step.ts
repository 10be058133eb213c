import type { ReportData, StepView, VariantView } from '../../report-data.ts'
import {
  axisTitle,
  quiet,
  rangeWithZero,
  rowFigures,
  rowLabel,
  rowsHeight,
  textWidth,
  tickFont,
  tickText,
  tooltipColours,
  zeroAndBand,
} from '../axis.ts'
import type { ChartDefinition, KeyColour, Panel, Surface } from '../chart-definition.ts'

interface Row {
  readonly variant: VariantView
  readonly step: StepView
}

const remains = 'remains over HTTP'

/** What the authentication step takes in process, part by part, and what of the cost over HTTP lies outside of it. */
export const authStep: ChartDefinition = {
  id: 'auth-step',
  title: 'The authentication step, part by part, and what remains over HTTP',
  short: 'Parts of the step',
  panels(data) {
    const rows = rowsOf(data)
    return rows.length === 0 ? [] : [panelOf(rows)]
  },
}

const rowsOf = (data: ReportData): readonly Row[] =>
  data.variants.flatMap((variant) => {
    const step = data.micro?.steps.find((one) => one.variant === variant.id)
    return step === undefined ? [] : [{ variant, step }]
  })

/** Parts of one kind share a colour: a step has at most one of them, and the words name it. */
function colourOf(part: string): KeyColour {
  if (part === remains) return 'band'
  if (part === 'parse') return 'reading'
  if (part === 'hash' || part === 'check header') return 'checking'
  if (part === 'check claims') return 'judging'
  return part.startsWith('look up') || part.startsWith('ask') ? 'database' : 'app'
}

const sum = (step: StepView): number => step.parts.reduce((total, { us }) => total + us, 0)

/** What the cost over HTTP is more than the parts together; nothing where it is less. */
const remainder = (step: StepView): number => Math.max(0, (step.http?.us ?? 0) - sum(step))

/** Names of parts in the order in which the steps go through them. */
const partNames = (rows: readonly Row[]): readonly string[] => {
  const order: readonly KeyColour[] = ['reading', 'checking', 'database', 'app', 'judging']
  const names = [...new Set(rows.flatMap(({ step }) => step.parts.map(({ name }) => name)))]
  return names.sort((a, b) => order.indexOf(colourOf(a)) - order.indexOf(colourOf(b)))
}

function panelOf(rows: readonly Row[]): Panel {
  const names = partNames(rows)
  const http = rows.some(({ step }) => step.http !== undefined)
  const keys = new Map<KeyColour, string[]>()
  for (const name of http ? [...names, remains] : names) {
    keys.set(colourOf(name), [...(keys.get(colourOf(name)) ?? []), name])
  }
  return {
    key: 'step',
    label: 'CPU per call',
    note: `µs of CPU per call, of all threads, each part timed by itself.${http ? ' The grey rest is what the same variant costs more over HTTP at saturation; the whisker is the 95 % interval of that cost.' : ''}`,
    keys: [...keys].map(([colour, parts]) => ({ label: parts.join(' or '), colour })),
    plots: [
      {
        height: (width) =>
          rowsHeight(
            rows.map(({ variant }) => variant.label),
            width,
            38,
          ),
        config: (surface) => config(rows, names, surface),
      },
    ],
    table: {
      head: ['Variant', 'Step in process', 'Cost over HTTP', 'Step explains', 'Remains', 'Parts'],
      rows: rows.map(({ variant, step }) => [
        variant.label,
        ...step.words,
        step.parts.map(({ name, us }) => `${name} ${tickText(us)} µs`).join(', '),
      ]),
    },
  }
}

function config(
  rows: readonly Row[],
  names: readonly string[],
  surface: Surface,
): ReturnType<Panel['plots'][number]['config']> {
  const { theme } = surface
  const figures = rows.map(({ step }) => ({ text: step.figure, end: Math.max(sum(step), step.http?.highUs ?? 0) }))
  const range = rangeWithZero([...figures.map(({ end }) => end), ...rows.map(({ step }) => step.http?.lowUs ?? 0)])
  const bars = {
    type: 'barWithErrorBars',
    barPercentage: 0.62,
    categoryPercentage: 1,
    stack: 'step',
    errorBarColor: theme.ink,
    errorBarWhiskerColor: theme.ink,
    errorBarLineWidth: 1.25,
    errorBarWhiskerLineWidth: 1.25,
    errorBarWhiskerRatio: 0.4,
  } as const
  const partOf = (step: StepView, name: string): number => step.parts.find((part) => part.name === name)?.us ?? 0
  return {
    type: 'barWithErrorBars',
    data: {
      labels: rows.map(({ variant }) => rowLabel(variant.label, surface.width)),
      datasets: [
        ...names.map((name) => ({
          ...bars,
          label: name,
          backgroundColor: theme[colourOf(name)],
          data: rows.map(({ step }, y) => ({ x: partOf(step, name), y, xMin: [], xMax: [] })),
        })),
        {
          ...bars,
          label: remains,
          backgroundColor: theme.band,
          data: rows.map(({ step }, y) =>
            step.http === undefined
              ? { x: 0, y, xMin: [], xMax: [] }
              : { x: remainder(step), y, xMin: step.http.lowUs, xMax: step.http.highUs },
          ),
        },
      ],
    },
    options: {
      ...quiet,
      indexAxis: 'y',
      layout: { padding: { right: Math.max(...figures.map(({ text }) => textWidth(text, surface))) + 14 } },
      scales: {
        x: {
          stacked: true,
          ...range,
          grid: { color: theme.rule },
          border: { display: false },
          title: axisTitle(surface, 'µs of CPU per call'),
          ticks: {
            color: theme.muted,
            font: tickFont(surface),
            maxTicksLimit: 7,
            includeBounds: false,
            callback: (value) => tickText(Number(value)),
          },
        },
        y: {
          stacked: true,
          grid: { display: false },
          border: { display: false },
          ticks: { color: theme.ink, font: tickFont(surface), autoSkip: false },
        },
      },
      plugins: {
        legend: { display: false },
        tooltip: {
          ...tooltipColours(surface),
          callbacks: {
            title: (items) => rows[items[0]?.dataIndex ?? -1]?.variant.label ?? '',
            label: (item) => {
              const step = rows[item.dataIndex]?.step
              const name = item.dataset.label ?? ''
              if (step === undefined) return name
              return `${name}: ${name === remains ? (step.words[3] ?? '') : `${tickText(partOf(step, name))} µs`}`
            },
          },
        },
      },
    },
    plugins: [zeroAndBand(surface, undefined), rowFigures(figures, surface)],
  }
}
