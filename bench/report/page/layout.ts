import type { ReportData } from '../report-data.ts'
import { comparisonTable } from './comparison-table.ts'
import { element } from './element.ts'
import { estimatesTable } from './estimates-table.ts'
import { factsList, gateList, warningsList } from './facts-list.ts'
import type { Figure } from './figure.ts'

/** A part of the report with its place in the contents. */
interface Part {
  readonly id: string
  readonly title: string
  readonly content: readonly (Node | undefined)[]
}

/** The whole report, top to bottom. */
export function layout(data: ReportData, figures: readonly Figure[]): HTMLElement {
  const high = data.warnings.filter(({ severity }) => severity === 'high')
  const parts = partsOf(data)
  return element(
    'main',
    {},
    element(
      'header',
      {},
      element('h1', {}, 'What authentication costs per request'),
      element('p', { class: 'lead' }, data.lead),
      data.stateNote === undefined ? undefined : element('p', { class: 'state', role: 'note' }, data.stateNote),
      element('div', { class: 'headline' }, ...data.headline.map((sentence) => element('p', {}, sentence))),
      high.length === 0 ? undefined : warningsList(high),
      contents(figures, parts),
    ),
    ...figures.map(({ node }) => node),
    ...parts.map(({ id, title, content }) => element('section', { id }, element('h2', {}, title), ...content)),
  )
}

const contents = (figures: readonly Figure[], parts: readonly Part[]): HTMLElement =>
  element(
    'nav',
    { 'aria-label': 'Contents' },
    element(
      'ul',
      {},
      ...[
        ...figures.map(({ node }) => ({ id: node.id, title: node.querySelector('h2')?.textContent ?? '' })),
        ...parts,
      ].map(({ id, title }) => element('li', {}, element('a', { href: `#${id}` }, title))),
    ),
  )

function partsOf(data: ReportData): readonly Part[] {
  const some: readonly (Part | undefined)[] = [
    { id: 'tables', title: 'All variants compared', content: [...data.sections.map(comparisonTable), estimatesTable(data)] },
    data.pairwise.length === 0
      ? undefined
      : { id: 'pairs', title: 'Candidates against one another', content: data.pairwise.map(comparisonTable) },
    { id: 'properties', title: 'Queries, revocation, credentials', content: [comparisonTable(data.properties)] },
    { id: 'gate', title: 'Checked before measuring', content: [gateList(data)] },
    data.noiseBands.length === 0
      ? undefined
      : {
          id: 'noise',
          title: 'Noise band',
          content: [
            element(
              'p',
              { class: 'note' },
              'What the control shows against its identical twin: the larger end of that 95 % interval. Nothing smaller is claimed as a difference.',
            ),
            factsList(data.noiseBands),
          ],
        },
    data.warnings.length === 0
      ? undefined
      : { id: 'warnings', title: 'Warnings', content: [warningsList(data.warnings)] },
    data.absent.length === 0
      ? undefined
      : {
          id: 'absent',
          title: 'Figures that are absent',
          content: [factsList(absentFacts(data))],
        },
    { id: 'environment', title: 'Where it was measured', content: [factsList(data.environment)] },
    { id: 'method', title: 'How this was made', content: [factsList(data.method)] },
  ]
  return some.filter((part) => part !== undefined)
}

/** One line a reason and load: dozens of figures are often absent for the same cause. */
function absentFacts(data: ReportData): readonly { readonly name: string; readonly value: string }[] {
  const byReason = new Map<string, { figures: Set<string>; labels: Set<string>; reason: string }>()
  for (const { figure, label, load, reason } of data.absent) {
    const key = `${figure} ${load} ${reason}`
    const entry = byReason.get(key) ?? { figures: new Set([`${figure}, ${load}`]), labels: new Set(), reason }
    entry.labels.add(label)
    byReason.set(key, entry)
  }
  return [...byReason.values()].map(({ figures, labels, reason }) => ({
    name: [...figures].join(', '),
    value: `${[...labels].join(', ')}: ${reason}`,
  }))
}
