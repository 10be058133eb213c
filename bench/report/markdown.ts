import { headline } from '../estimates/headline.ts'
import type { Results } from '../record/run.ts'
import { commandReports } from './command-reports.ts'
import { extraSections } from './extra-sections.ts'
import { environmentFacts, leadText, methodFacts, stateNote } from './facts.ts'
import { withMicroSign } from './figure-text.ts'
import type { Fact, Section } from './report-data.ts'
import { reportHeading } from './report-heading.ts'
import { runSections } from './run-sections.ts'
import { labelOf, noiseBandFacts, pairSections, propertySection } from './sections.ts'
import { cellText } from './text-table.ts'

/** Text that Markdown and the HTML it allows take literally, on one line. */
export const escapeMarkdown = (text: string): string =>
  text
    .replace(/\s+/g, ' ')
    .replace(/[\\`*_[\]|~#]/g, '\\$&')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')

const tableOf = (section: Section): readonly string[] => {
  const head = section.columns.map(({ label, unit }) => escapeMarkdown(unit === '' ? label : `${label}, ${unit}`))
  return [
    `### ${escapeMarkdown(section.title)}`,
    '',
    escapeMarkdown(section.note),
    '',
    `| Variant | ${head.join(' | ')} |`,
    `|---|${section.columns.map(() => '---:|').join('')}`,
    ...section.rows.map(
      ({ label, cells }) =>
        `| ${escapeMarkdown(label)} | ${cells.map((cell) => escapeMarkdown(cellText(cell))).join(' | ')} |`,
    ),
    '',
  ]
}

const factTable = (title: string, facts: readonly Fact[]): readonly string[] => [
  `### ${title}`,
  '',
  '| | |',
  '|---|---|',
  ...facts.map(({ name, value }) => `| ${escapeMarkdown(name)} | ${escapeMarkdown(value)} |`),
  '',
]

/** Why there is no table of a load: a word rather than a table without columns. */
function notEstimated(results: Results): readonly string[] {
  if (results.estimates.length > 0 || results.slices.length === 0) return []
  const reasons = [...new Set(results.absent.map(({ reason }) => reason))]
  const why = reasons.length === 0 ? '' : `: ${reasons.join('; ')}`
  return [escapeMarkdown(`No figure could be estimated from ${results.slices.length} slices${why}.`), '']
}

/** The whole result as GitHub-flavoured Markdown (`summary.md`); fits into a pull request's comment. */
export function renderMarkdown(results: Results): string {
  const note = stateNote(results)
  const { calibration, micro, tuning, token, ownHeadline } = commandReports(results)
  const warnings = results.warnings.map(({ severity, variant, message, remedy }) => {
    const about = variant === undefined ? '' : `${escapeMarkdown(labelOf(results, variant))}: `
    const strong = severity === 'high' ? '**Warning:** ' : ''
    return `- ${strong}${about}${escapeMarkdown(message)} *${escapeMarkdown(remedy)}*`
  })
  const left = results.plan.variants.flatMap(({ label, state }) =>
    state === 'measured' ? [] : [`- Not measured: ${escapeMarkdown(label)}: ${escapeMarkdown(state.leftOut)}`],
  )
  const bands = noiseBandFacts(results)
  return [
    `## ${reportHeading(results)}`,
    '',
    ...(note === undefined ? [] : [`**${escapeMarkdown(note)}**`, '']),
    ...(ownHeadline ?? headline(results)).flatMap((sentence) => [escapeMarkdown(withMicroSign(sentence)), '']),
    escapeMarkdown(leadText(results)),
    '',
    ...(warnings.length + left.length === 0 ? [] : [...left, ...warnings, '']),
    ...(calibration === undefined
      ? []
      : [
          ...calibration.view.sections.flatMap(tableOf),
          ...calibration.view.notes.flatMap((sentence) => [escapeMarkdown(sentence), '']),
          ...factTable('What this machine can resolve', calibration.view.facts),
        ]),
    ...(micro === undefined
      ? []
      : [
          ...micro.view.sections.flatMap(tableOf),
          ...micro.view.notes.flatMap((sentence) => [escapeMarkdown(sentence), '']),
        ]),
    ...(token === undefined
      ? []
      : [
          ...token.view.sections.flatMap(tableOf),
          ...token.view.notes.flatMap((sentence) => [escapeMarkdown(sentence), '']),
        ]),
    // Dozens of pools at every number of connections are what the tables of the sweep hold already.
    ...(tuning === undefined
      ? [...runSections(results).flatMap(tableOf), ...notEstimated(results), ...pairSections(results).flatMap(tableOf)]
      : [
          ...tuning.view.sections.flatMap(tableOf),
          ...tuning.view.notes.flatMap((sentence) => [escapeMarkdown(sentence), '']),
        ]),
    ...tableOf(propertySection(results)),
    ...extraSections(results).flatMap(tableOf),
    ...(bands.length === 0 ? [] : factTable('Noise band (control against its identical twin)', bands)),
    ...factTable('Environment', environmentFacts(results)),
    ...factTable('How this was made', methodFacts(results)),
    'Intervals are 95 %, not adjusted for their number. `~`: no difference shown. `–`: absent.',
    '',
  ].join('\n')
}
