import type { Fact, ReportData } from '../report-data.ts'
import { answerParts, type Part, tuningTables } from './answer-parts.ts'
import { comparisonTables, onlyTable } from './comparison-table.ts'
import { element } from './element.ts'
import { estimatesTable } from './estimates-table.ts'
import { factsList, gateList, warningsList } from './facts-list.ts'
import type { Figure } from './figure.ts'

/** Figures stand out of a sentence, so that it can be skimmed. */
const emphasised = (sentence: string): readonly Node[] =>
  sentence
    .split(/(−?[\d.,]*\d µs)/)
    .map((part, index) => (index % 2 === 1 ? element('strong', {}, part) : document.createTextNode(part)))

/** Further sentences stand below in small: a headline is read in one go. */
const mostInHeadline = 7

/** The whole report, top to bottom. */
export function layout(data: ReportData, figures: readonly Figure[]): HTMLElement {
  const high = data.warnings.filter(({ severity }) => severity === 'high')
  const parts = [...tuningTables(data), ...partsOf(data)]
  const first = answerParts(data)
  return element(
    'main',
    {},
    element(
      'header',
      {},
      element('h1', {}, data.heading),
      element('p', { class: 'lead' }, data.lead),
      data.stateNote === undefined ? undefined : element('p', { class: 'state', role: 'note' }, data.stateNote),
      element(
        'div',
        { class: 'headline' },
        ...data.headline.slice(0, mostInHeadline).map((sentence) => element('p', {}, ...emphasised(sentence))),
      ),
      data.headline.length <= mostInHeadline
        ? undefined
        : element(
            'ul',
            { class: 'further' },
            ...data.headline.slice(mostInHeadline).map((sentence) => element('li', {}, ...emphasised(sentence))),
          ),
      high.length === 0 ? undefined : warningsList(high),
      contents([...first, ...figures, ...parts]),
    ),
    ...first.map(sectionOf),
    ...figures.map(({ node }) => node),
    ...parts.map(sectionOf),
  )
}

const sectionOf = ({ id, title, content }: Part): HTMLElement =>
  element('section', { id }, element('h2', {}, title), ...content)

const contents = (all: readonly Pick<Part, 'id' | 'short'>[]): HTMLElement =>
  element(
    'nav',
    { 'aria-label': 'Contents' },
    element('ul', {}, ...all.map(({ id, short }) => element('li', {}, element('a', { href: `#${id}` }, short)))),
  )

function partsOf(data: ReportData): readonly Part[] {
  const some: readonly (Part | undefined)[] = [
    {
      id: 'tables',
      title: 'All variants compared',
      short: 'Tables',
      content: [...comparisonTables(data.sections), estimatesTable(data)],
    },
    data.pairwise.length === 0
      ? undefined
      : {
          id: 'pairs',
          title: 'Candidates against one another',
          short: 'Candidates',
          content: comparisonTables(data.pairwise),
        },
    {
      id: 'properties',
      title: 'Queries, revocation, credentials',
      short: 'Queries and revocation',
      content: onlyTable(data.properties),
    },
    ...data.extras.map((section, index) => ({
      id: `extra-${index + 1}`,
      title: section.title,
      short: section.title,
      content: onlyTable(section),
    })),
    { id: 'gate', title: 'Checked before measuring', short: 'Gate', content: [gateList(data)] },
    data.noiseBands.length === 0
      ? undefined
      : {
          id: 'noise',
          title: 'Noise band',
          short: 'Noise band',
          content: [
            element(
              'p',
              { class: 'note' },
              'What the control shows against its identical twin: the larger end of that 95 % interval. Nothing smaller is claimed as a difference.',
            ),
            factsList(data.noiseBands, 'wide'),
          ],
        },
    data.warnings.length === 0
      ? undefined
      : { id: 'warnings', title: 'Warnings', short: 'Warnings', content: warningsPart(data.warnings) },
    data.absent.length === 0
      ? undefined
      : {
          id: 'absent',
          title: 'Figures that are absent',
          short: 'Absent',
          content: [
            element(
              'details',
              {},
              element('summary', {}, 'What is absent, and why'),
              factsList(absentFacts(data), 'wide'),
            ),
          ],
        },
    { id: 'environment', title: 'Where it was measured', short: 'Environment', content: [factsList(data.environment)] },
    { id: 'method', title: 'How this was made', short: 'Method', content: [factsList(data.method)] },
  ]
  return some.filter((part) => part !== undefined)
}

/** More lesser warnings than these are counted, and open at a click. */
const mostLesserWarnings = 8

function warningsPart(warnings: ReportData['warnings']): readonly Node[] {
  const lesser = warnings.filter(({ severity }) => severity === 'low')
  if (lesser.length <= mostLesserWarnings) return [warningsList(warnings)]
  const high = warnings.filter(({ severity }) => severity === 'high')
  return [
    ...(high.length === 0 ? [] : [warningsList(high)]),
    element('p', { class: 'note' }, `${lesser.length} lesser warnings, of single figures that need care.`),
    element('details', {}, element('summary', {}, 'The lesser warnings'), warningsList(lesser)),
  ]
}

/** One line for figures that are absent for the same reason in the same variants: often dozens are. */
function absentFacts(data: ReportData): readonly Fact[] {
  const variants = grouped(
    data.absent,
    ({ figure, load, reason }) => `${figure}, ${load}\n${reason}`,
    ({ label }) => label,
  )
  const figures = grouped(
    variants,
    ([key, labels]) => `${labels.join(', ')}: ${key.split('\n')[1] ?? ''}`,
    ([key]) => key.split('\n')[0] ?? '',
  )
  return figures.map(([value, names]) => ({ name: names.join('; '), value }))
}

/** Distinct values by key, both in the order of their first appearance. */
function grouped<T>(items: readonly T[], key: (item: T) => string, value: (item: T) => string): [string, string[]][] {
  const groups = new Map<string, Set<string>>()
  for (const item of items) groups.set(key(item), (groups.get(key(item)) ?? new Set<string>()).add(value(item)))
  return [...groups].map(([name, values]) => [name, [...values]])
}
