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

/** One comparison table with its title and what it says. */
export function comparisonTable(section: Section): HTMLElement {
  const isFigures = (index: number): boolean => section.rows.some(({ cells }) => cells[index]?.kind === 'figure')
  return element(
    'div',
    { class: 'comparison' },
    element('h3', {}, section.title),
    element('p', { class: 'note' }, section.note),
    scrollable(
      section.title,
      element(
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
      ),
    ),
  )
}
