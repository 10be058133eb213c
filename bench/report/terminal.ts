import { headline } from '../estimates/headline.ts'
import { restartsWhole } from '../record/restarts.ts'
import type { Results } from '../record/run.ts'
import { commandReports } from './command-reports.ts'
import { extraSections } from './extra-sections.ts'
import { leadText, stateNote } from './facts.ts'
import { withMicroSign } from './figure-text.ts'
import type { Section } from './report-data.ts'
import { labelOf, loadSections, noiseBandFacts, pairSections, propertySection } from './sections.ts'
import { textTable, wrap } from './text-table.ts'

export interface TerminalStyle {
  /** Columns of the terminal, at least 40. */
  readonly width: number
  /** Whether ANSI colours may be used. */
  readonly colour: boolean
}

/** C0 and C1 control characters, which terminals obey. */
const controlCharacters = /\p{Cc}/gu

/** The whole result as text for a terminal: headline, warnings, one table a load, pairs, noise band. Ends in a newline. */
export function renderTerminal(results: Results, { width, colour }: TerminalStyle): string {
  // A results file may come from anybody: nothing in it may steer the terminal.
  const plain = (line: string): string => line.replace(controlCharacters, '\uFFFD')
  const paint = (code: string) => (line: string) => (colour && line !== '' ? `\u001b[${code}m${line}\u001b[0m` : line)
  const bold = paint('1')
  const dim = paint('2')
  const red = paint('31')
  const lines: string[] = []
  const add = (style: (line: string) => string, ...added: readonly string[]): void => {
    lines.push(...added.map((line) => style(plain(line))))
  }
  const same = (line: string): string => line
  const room = Math.max(40, width)

  const note = stateNote(results)
  if (note !== undefined) add(red, ...wrap(note, room), '')
  const high = results.warnings.filter(({ severity }) => severity === 'high')
  const low = results.warnings.filter(({ severity }) => severity === 'low')
  const warn = (warnings: Results['warnings'], style: (line: string) => string): void => {
    for (const warning of warnings) {
      const about = warning.variant === undefined ? '' : `${labelOf(results, warning.variant)}: `
      add(style, ...wrap(`! ${about}${warning.message}`, room))
      add(dim, ...wrap(`Remedy: ${warning.remedy}`, room, '  '))
    }
  }
  warn(high, red)
  if (high.length > 0) lines.push('')

  const { calibration, micro, tuning, token, ownHeadline } = commandReports(results)
  const words = ownHeadline ?? headline(results)
  for (const sentence of words) add(bold, ...wrap(withMicroSign(sentence), room))
  add(dim, ...wrap(leadText(results), room), '')

  const table = (section: Section): void => {
    add(bold, ...wrap(section.title, room))
    add(dim, ...wrap(section.note, room))
    add(same, ...textTable(section, room), '')
  }
  for (const section of micro?.view.sections ?? []) table(section)
  for (const sentence of micro?.view.notes ?? []) add(dim, ...wrap(sentence, room), '')
  if (tuning !== undefined) {
    // Every cell of the sweep would fill pages: the HTML report has them.
    for (const section of tuning.brief) table(section)
    for (const sentence of tuning.view.notes) add(dim, ...wrap(sentence, room), '')
    table(propertySection(results))
  } else if (token !== undefined) {
    // The ordinary tables say the same once more, in the order of the grid.
    for (const section of token.view.sections) table(section)
    for (const sentence of token.view.notes) add(dim, ...wrap(sentence, room), '')
  } else if (calibration === undefined) {
    for (const section of loadSections(results)) table(section)
    for (const section of pairSections(results)) table(section)
    table(propertySection(results))
    for (const section of extraSections(results)) table(section)
  } else {
    // The ordinary tables compare strategies that nobody would choose between; the HTML report has them.
    for (const section of calibration.view.sections) table(section)
    for (const note of calibration.view.notes) add(dim, ...wrap(note, room))
    lines.push('')
    for (const { name, value } of calibration.view.facts) {
      add(bold, ...wrap(name, room))
      add(same, ...wrap(value, room, '  '))
    }
    lines.push('')
  }

  const bands = noiseBandFacts(results)
  if (bands.length > 0) {
    add(bold, 'Noise band')
    add(dim, ...wrap('What the control shows against its identical twin: nothing smaller is claimed.', room))
    const nameWidth = Math.max(...bands.map(({ name }) => name.length))
    const beside = nameWidth + 14 <= room
    add(
      same,
      ...bands.flatMap(({ name, value }) =>
        beside ? [`${name.padEnd(nameWidth)}  ${value}`] : [...wrap(name, room), `  ${value}`],
      ),
      '',
    )
  }
  for (const variant of results.plan.variants) {
    if (variant.state !== 'measured')
      add(red, ...wrap(`Not measured: ${variant.label}: ${variant.state.leftOut}`, room), '')
  }
  warn(low, same)
  const { run, plan } = results
  // Runs of micro have no slices to count restarts by.
  const restarts = run.wholeRestarts ?? (run.state === 'complete' ? plan.restarts : restartsWhole(results))
  add(
    dim,
    ...wrap(
      `Intervals: 95 %, not adjusted. ~ no difference shown. – absent. ${restarts} ${restarts === 1 ? 'restart' : 'restarts'}, seed ${run.seed}.`,
      room,
    ),
  )
  return `${lines.join('\n')}\n`
}
