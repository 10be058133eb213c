import type { FigureComparison, RunComparison } from '../estimates/comparing/compare-runs.ts'
import type { RunDifference } from '../estimates/comparing/run-differences.ts'
import type { Results } from '../record/run.ts'
import { loadKey } from '../record/slice.ts'
import type { EstimatedMean } from '../statistics/independent.ts'
import { studentQuantile } from '../statistics/student-t.ts'
import { labelIn } from './companion-label.ts'
import { displayUnit, quantileName } from './figure-text.ts'
import { loadShort } from './load-view.ts'
import { escapeMarkdown } from './markdown.ts'
import { labelOf } from './sections.ts'
import { textTable, wrap } from './text-table.ts'

export interface ComparedRuns {
  readonly earlier: Results
  readonly later: Results
  readonly comparison: RunComparison
  readonly differences: readonly RunDifference[]
  /** 0.05 for 5 %; absent: no limit was given. */
  readonly maxRegression?: number
  /** Figures that cannot be told from these runs are not accepted either. */
  readonly failOnUndecided?: boolean
}

const verdictText: Readonly<Record<FigureComparison['verdict'], string>> = {
  regression: 'REGRESSION',
  'within-limit': 'within the limit',
  undecided: 'undecided',
  worse: 'worse',
  better: 'better',
  'no-difference-shown': 'no difference shown',
}

const decimals = (value: number): string =>
  value.toLocaleString('en-US', { minimumFractionDigits: 1, maximumFractionDigits: 1 })

const signed = (value: number, text: (size: number) => string): string =>
  `${value < 0 ? '−' : '+'}${text(Math.abs(value))}`

/** A share as a signed change: `+12.3 %`. */
const percent = (share: number): string => `${signed(100 * share, decimals)} %`

const limitText = (share: number): string => `${Number((100 * share).toPrecision(4))} %`

/** What was found, in sentences, the most important first. */
export function comparisonWords(compared: ComparedRuns): string[] {
  const { comparison, maxRegression, differences } = compared
  return [
    ...(maxRegression === undefined ? changeWords(comparison) : limitWords(compared, maxRegression)),
    ...controlWords(compared),
    ...stateWords(compared),
    ...differences.map(({ what, before, after, comparable }) =>
      before.length + after.length > 80
        ? `The runs differ in ${what}.`
        : `The runs differ in ${what}: ${before} before, ${after} after${comparable ? '' : ' (compared because of --allow-differences)'}.`,
    ),
    ...notComparedWords(compared),
  ]
}

const nameOf = ({ later, earlier }: ComparedRuns, id: string): string =>
  later.plan.variants.some((variant) => variant.id === id) ? labelOf(later, id) : labelOf(earlier, id)

/** The total says what it includes in either run. */
function metricName(
  { earlier, later }: ComparedRuns,
  { metric, quantile }: Pick<FigureComparison, 'metric' | 'quantile'>,
): string {
  const label = labelIn({ slices: [...earlier.slices, ...later.slices] }, metric.id)
  return quantile === undefined ? label : `${label} ${quantileName(quantile)}`
}

function limitWords(compared: ComparedRuns, limit: number): string[] {
  const { figures } = compared.comparison
  const of = (verdict: FigureComparison['verdict']) => figures.filter((figure) => figure.verdict === verdict)
  const [found, within, undecided] = [of('regression'), of('within-limit'), of('undecided')]
  const beyond = limitText(limit)
  const said = found.map(
    (figure) =>
      `Regression beyond ${beyond}: ${nameOf(compared, figure.variant)}, ${metricName(compared, figure)}, ${loadShort(figure.load)}: ${changeText(figure)}.`,
  )
  const rest = `${within.length} of ${figures.length} figures ${within.length === 1 ? 'is' : 'are'} shown to stay within it`
  const accepted = compared.failOnUndecided === true ? ', which --fail-on-undecided does not accept' : ''
  const lost = compared.comparison.notCompared.filter((one) => one.lost).length
  const open = [
    ...(undecided.length === 0
      ? []
      : [`${undecided.length} cannot be told from these runs (more restarts narrow the intervals)${accepted}`]),
    ...(lost === 0 ? [] : [`${lost} ${lost === 1 ? 'has' : 'have'} an estimate in the earlier run only${accepted}`]),
  ]
    .map((words) => `; ${words}`)
    .join('')
  return [...said, `${found.length === 0 ? `No regression beyond ${beyond} was shown: ` : ''}${rest}${open}.`]
}

function changeWords({ figures }: RunComparison): string[] {
  const count = (verdict: FigureComparison['verdict']) => figures.filter((figure) => figure.verdict === verdict).length
  return [
    `Of ${figures.length} figures ${count('worse')} got worse, ${count('better')} got better, and ${count('no-difference-shown')} show no difference.`,
  ]
}

/** What the yardstick did itself: where it moved, machine or application have changed as a whole. */
function controlWords({ earlier, later, comparison }: ComparedRuns): string[] {
  const loads = [
    ...new Map(
      comparison.figures.filter(({ scale }) => scale === 'control').map(({ load }) => [loadKey(load), load]),
    ).values(),
  ]
  return loads.flatMap((load) => {
    const [before, after] = [earlier, later].map(
      ({ plan, estimates }) =>
        estimates.find(
          (estimate) =>
            estimate.variant === plan.variants.find(({ role }) => role === 'control')?.id &&
            estimate.metric === 'appCpuUsPerRequest' &&
            estimate.kind === 'absolute' &&
            estimate.group === 'default' &&
            loadKey(estimate.load) === loadKey(load),
        )?.value,
    )
    if (before === undefined || after === undefined) return []
    const change = after / before - 1
    const doubt =
      Math.abs(change) > 0.1
        ? '. That is much: the machine was slower or faster as a whole, or what all variants share has changed'
        : ''
    return [
      `The control itself, ${loadShort(load)}: ${before.toFixed(1)} µs of app CPU per request before, ${after.toFixed(1)} after (${percent(change)})${doubt}.`,
    ]
  })
}

const stateWords = ({ earlier, later }: ComparedRuns): string[] =>
  [
    { name: 'earlier', run: earlier.run },
    { name: 'later', run: later.run },
  ].flatMap(({ name, run }) =>
    run.state === 'complete'
      ? []
      : [`The ${name} run is not complete (${run.state}): it has fewer restarts than planned.`],
  )

function notComparedWords(compared: ComparedRuns): string[] {
  const lines = compared.comparison.notCompared.map(
    ({ reason, ...figure }) =>
      `Not compared: ${nameOf(compared, figure.variant)}, ${metricName(compared, figure)}, ${loadShort(figure.load)}: ${reason}.`,
  )
  return [...new Set(lines)]
}

/** A mean with its 95 % half-width, a share of the control as per cent. */
function meanText({ scale, metric }: FigureComparison, { value, standardError, degrees }: EstimatedMean): string {
  const half = standardError === 0 ? 0 : studentQuantile(0.975, degrees) * standardError
  const text = scale === 'control' ? (share: number) => decimals(100 * share) : (own: number) => metric.format(own)
  const mean = value < 0 ? `−${text(-value)}` : text(value)
  return half === 0 ? mean : `${mean} ±${text(half)}`
}

/** `+12.3 % (+8.1 % to +16.7 %)`, or the difference where there is nothing to divide by. */
function changeText(figure: FigureComparison): string {
  const { change, difference, scale, metric } = figure
  if (!('absent' in change))
    return change.low === change.high
      ? percent(change.value)
      : `${percent(change.value)} (${percent(change.low)} to ${percent(change.high)})`
  const inPoints = scale === 'control'
  const text = (value: number): string =>
    inPoints ? signed(100 * value, decimals) : signed(value, (size) => metric.format(size))
  const { value, low, high } = difference
  const interval = low === high ? '' : ` (${text(low)} to ${text(high)})`
  return `${text(value)} ${inPoints ? 'points' : displayUnit(metric.unit)}${interval}`
}

interface Table {
  readonly title: string
  readonly unit: string
  readonly rows: readonly (readonly [variant: string, before: string, after: string, change: string, verdict: string])[]
}

/** One table per metric, percentile and load. */
function tables(compared: ComparedRuns): Table[] {
  const groups = new Map<string, FigureComparison[]>()
  for (const figure of compared.comparison.figures) {
    const key = [figure.metric.id, figure.quantile ?? '', loadKey(figure.load)].join(' ')
    groups.set(key, [...(groups.get(key) ?? []), figure])
  }
  return [...groups.values()].flatMap((figures) => {
    const [first] = figures
    if (first === undefined) return []
    const over = first.metric.kinds.includes('cost') ? ', over the control' : ''
    return [
      {
        title: `${metricName(compared, first)}${over}, ${loadShort(first.load)}`,
        unit: first.scale === 'control' ? '% of control' : displayUnit(first.metric.unit),
        rows: figures.map((figure) => [
          nameOf(compared, figure.variant),
          meanText(figure, figure.before),
          meanText(figure, figure.after),
          changeText(figure),
          verdictText[figure.verdict],
        ]),
      },
    ]
  })
}

const footnote =
  'Intervals: 95 %, not adjusted. Verdicts: Welch’s t over restarts, Holm-adjusted over all lines, and beyond both noise bands.'

/** The comparison for a terminal. Ends in a newline. */
export function comparisonText(compared: ComparedRuns, width: number): string {
  const room = Math.max(40, width)
  const lines = [
    ...comparisonWords(compared).flatMap((sentence) => wrap(sentence, room)),
    ...tables(compared).flatMap(({ title, unit, rows }) => [
      '',
      ...wrap(title, room),
      ...textTable(
        {
          title,
          note: '',
          columns: [
            { label: 'Before', unit },
            { label: 'After', unit },
            { label: 'Change', unit: '' },
            { label: 'Verdict', unit: '' },
          ],
          rows: rows.map(([label, ...cells]) => ({
            variant: label,
            label,
            cells: cells.map((text) => ({ kind: 'text' as const, text })),
          })),
        },
        room,
      ),
    ]),
    '',
    ...wrap(footnote, room),
  ]
  // A results file may come from anybody: nothing in it may steer the terminal.
  return `${lines.map((line) => line.replace(/\p{Cc}/gu, '\uFFFD')).join('\n')}\n`
}

/** The comparison as GitHub-flavoured Markdown, for a comment on a pull request. Ends in a newline. */
export function comparisonMarkdown(compared: ComparedRuns): string {
  const [first = '', ...others] = comparisonWords(compared)
  return [
    '## authcost: two runs compared',
    '',
    `**${escapeMarkdown(first)}**`,
    '',
    ...others.map((sentence) => `- ${escapeMarkdown(sentence)}`),
    ...tables(compared).flatMap(({ title, unit, rows }) => [
      '',
      `### ${escapeMarkdown(title)}`,
      '',
      `| Variant | Before, ${unit} | After, ${unit} | Change | Verdict |`,
      '|---|---:|---:|---:|---|',
      ...rows.map((cells) => `| ${cells.map(escapeMarkdown).join(' | ')} |`),
    ]),
    '',
    footnote,
    '',
  ].join('\n')
}

/** The comparison for programs; docs/results.md describes it. */
export const comparisonData = ({ earlier, later, comparison, differences, maxRegression }: ComparedRuns): unknown => ({
  before: earlier.run.id,
  after: later.run.id,
  ...(maxRegression === undefined ? {} : { maxRegression }),
  differences,
  figures: comparison.figures.map(({ metric, ...figure }) => ({
    ...figure,
    metric: metric.id,
    unit: figure.scale === 'control' ? 'share of control' : metric.unit,
  })),
  notCompared: comparison.notCompared.map(({ metric, ...left }) => ({ ...left, metric: metric.id })),
})
