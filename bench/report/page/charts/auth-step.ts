import type { ChartConfiguration } from 'chart.js'
import type { ReportData, StepView, VariantView } from '../../report-data.ts'
import { quiet, rangeWithZero, tickText, tooltipColours, valueAxis } from '../axis.ts'
import type { ChartDefinition, KeyColour, Panel, Surface } from '../chart-definition.ts'
import { barNames, barTitle, barWhiskers, figureRoom, heightOfRows, rowAxis, rowFigures, zeroAndBand } from '../rows.ts'

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
    note: `µs of CPU per call, of all threads, each part timed by itself.${http ? ' The grey rest is what the same variant costs more over HTTP at saturation; the whisker is the 95 % interval of that cost. Behind it: the whole step, and the share of the cost that it explains.' : ''}`,
    keys: [...keys].map(([colour, parts]) => ({ label: parts.join(' or '), colour })),
    plots: [
      {
        height: heightOfRows(rows, 38),
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

function config(rows: readonly Row[], names: readonly string[], surface: Surface): ChartConfiguration {
  const { theme } = surface
  const figures = rows.map(({ step }) => ({ text: step.figure, end: Math.max(sum(step), step.http?.highUs ?? 0) }))
  const range = rangeWithZero([...figures.map(({ end }) => end), ...rows.map(({ step }) => step.http?.lowUs ?? 0)])
  const bars = {
    type: 'barWithErrorBars',
    barPercentage: 0.62,
    categoryPercentage: 1,
    stack: 'step',
    ...barWhiskers(surface),
  } as const
  const partOf = (step: StepView, name: string): number => step.parts.find((part) => part.name === name)?.us ?? 0
  return {
    type: 'barWithErrorBars',
    data: {
      labels: barNames(rows, surface.width),
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
      layout: figureRoom(figures, surface),
      scales: {
        x: { stacked: true, ...valueAxis(surface, 'µs of CPU per call', range, 7) },
        y: { stacked: true, ...rowAxis(surface) },
      },
      plugins: {
        legend: { display: false },
        tooltip: {
          ...tooltipColours(surface),
          callbacks: {
            title: barTitle(rows),
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
