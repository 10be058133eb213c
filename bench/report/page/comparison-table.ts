import type { Cell, Section } from '../report-data.ts'
import { element } from './element.ts'
import { scrollable } from './plain-table.ts'

function cellNode(cell: Cell | undefined, amongFigures: boolean): HTMLTableCellElement {
  switch (cell?.kind) {
    case 'figure':
      return element(
        'td',
        { class: 'figure' },
        element('span', { class: 'value' }, cell.value),
        ' ',
        element('span', { class: 'interval' }, cell.interval),
        cell.undecided ? element('span', { class: 'undecided' }, 'no difference shown') : undefined,
      )
    case 'text':
      return element('td', amongFigures ? { class: 'figure' } : {}, cell.text)
    default:
      return element(
        'td',
        { class: 'absent', ...(cell === undefined ? {} : { title: cell.reason }) },
        '–',
        element('span', { class: 'unseen' }, ` absent: ${cell?.reason ?? ''}`),
      )
  }
}

/** More rows than this are not read at a stretch. */
const mostRowsOpen = 60

/** Tables one below the other; where they are long together, all but the first wait behind their titles. */
export function comparisonTables(sections: readonly Section[]): readonly HTMLElement[] {
  const rows = sections.reduce((sum, section) => sum + section.rows.length, 0)
  return sections.map((section, index) =>
    rows > mostRowsOpen && index > 0 ? closedTable(section) : comparisonTable(section),
  )
}

/** A table behind its title. */
const closedTable = (section: Section): HTMLElement =>
  element('details', { class: 'comparison' }, element('summary', {}, section.title), ...noteAndTable(section))

/** One comparison table with its title and what it says. */
const comparisonTable = (section: Section): HTMLElement =>
  element('div', { class: 'comparison' }, element('h3', {}, section.title), ...noteAndTable(section))

/** The only table of a part: the part's title is its own. */
export const onlyTable = (section: Section): readonly HTMLElement[] => [
  element('div', { class: 'comparison' }, ...noteAndTable(section)),
]

const noteAndTable = (section: Section): readonly HTMLElement[] => [
  element('p', { class: 'note' }, section.note),
  scrollable(section.title, tableOf(section)),
]

function tableOf(section: Section): HTMLTableElement {
  const isFigures = (index: number): boolean => section.rows.some(({ cells }) => cells[index]?.kind === 'figure')
  return element(
    'table',
    {},
    element('caption', { class: 'unseen' }, section.title),
    element(
      'thead',
      {},
      element(
        'tr',
        {},
        element('th', { scope: 'col' }, 'Variant'),
        ...section.columns.map(({ label, unit }, index) =>
          element(
            'th',
            { scope: 'col', ...(isFigures(index) ? { class: 'figure' } : {}) },
            label,
            unit === '' ? undefined : element('span', { class: 'unit' }, unit),
          ),
        ),
      ),
    ),
    element(
      'tbody',
      {},
      ...section.rows.map(({ label, cells }) =>
        element(
          'tr',
          {},
          element('th', { scope: 'row' }, label),
          ...section.columns.map((_, index) => cellNode(cells[index], isFigures(index))),
        ),
      ),
    ),
  )
}
