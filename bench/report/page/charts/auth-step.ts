import type { ChartConfiguration } from 'chart.js'
import type { ReportData, StepView, VariantView } from '../../report-data.ts'
import { rangeWithZero, tickText } from '../axis.ts'
import type { ChartDefinition, KeyColour, Panel, Surface } from '../chart-definition.ts'
import { heightOfRows } from '../rows.ts'
import { stackedBars } from '../stacked-bars.ts'

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
  const figures = rows.map(({ step }) => ({ text: step.figure, end: Math.max(sum(step), step.http?.highUs ?? 0) }))
  const partOf = (step: StepView, name: string): number => step.parts.find((part) => part.name === name)?.us ?? 0
  return stackedBars(
    {
      rows,
      figures,
      title: 'µs of CPU per call',
      range: rangeWithZero([...figures.map(({ end }) => end), ...rows.map(({ step }) => step.http?.lowUs ?? 0)]),
      parts: [
        ...names.map((name) => ({
          label: name,
          colour: colourOf(name),
          bars: rows.map(({ step }) => ({ length: partOf(step, name) })),
        })),
        {
          label: remains,
          colour: colourOf(remains),
          bars: rows.map(({ step }) =>
            step.http === undefined
              ? { length: 0 }
              : { length: remainder(step), interval: { low: step.http.lowUs, high: step.http.highUs } },
          ),
        },
      ],
      words: (row, part) => {
        const step = rows[row]?.step
        const name = names[part]
        if (step === undefined) return ''
        return name === undefined ? (step.words[3] ?? '') : `${tickText(partOf(step, name))} µs`
      },
    },
    surface,
  )
}
