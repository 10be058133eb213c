import type { ReportData } from '../report-data.ts'
import { element } from './element.ts'
import { type EstimateColumn, estimateColumns, estimateRows, sortRows } from './estimate-rows.ts'
import { scrollable } from './plain-table.ts'

const numeric: ReadonlySet<string> = new Set(['value', 'interval'])

/** All estimates, closed at first: sorted by a click on a column's head, narrowed by load and by words. */
export function estimatesTable(data: ReportData): HTMLElement {
  const body = element('tbody')
  const count = element('p', { class: 'note', role: 'status' })
  const load = element(
    'select',
    { id: 'estimates-load' },
    element('option', { value: '' }, 'all loads'),
    ...data.loads.map(({ key, short }) => element('option', { value: key }, short)),
  )
  const filter = element('input', { id: 'estimates-filter', type: 'search', placeholder: 'session cost p99' })
  let sorted: { column: EstimateColumn; descending: boolean } | undefined
  const heads = estimateColumns.map(({ key, label }) => {
    const button = element('button', { type: 'button', class: 'sort' }, label)
    const head = element('th', { scope: 'col', ...(numeric.has(key) ? { class: 'figure' } : {}) }, button)
    button.addEventListener('click', () => {
      sorted = { column: key, descending: sorted?.column === key && !sorted.descending }
      fill()
    })
    return { key, head }
  })
  const fill = (): void => {
    const found = estimateRows(data, load.value === '' ? undefined : load.value, filter.value)
    const rows = sorted === undefined ? found : sortRows(found, sorted.column, sorted.descending)
    for (const { key, head } of heads) {
      if (sorted?.column === key) head.setAttribute('aria-sort', sorted.descending ? 'descending' : 'ascending')
      else head.removeAttribute('aria-sort')
    }
    count.textContent = `${rows.length} of ${data.estimates.length} estimates`
    body.replaceChildren(
      ...rows.map((row) =>
        element(
          'tr',
          {},
          ...estimateColumns.map(({ key }, index) =>
            index === 0
              ? element('th', { scope: 'row' }, row[key])
              : element('td', numeric.has(key) ? { class: 'figure' } : {}, row[key]),
          ),
        ),
      ),
    )
  }
  load.addEventListener('change', fill)
  filter.addEventListener('input', fill)
  const details = element(
    'details',
    { class: 'all-estimates' },
    element('summary', {}, `All ${data.estimates.length} estimates, with unit, load and interval`),
    element(
      'div',
      { class: 'filters' },
      element('label', { for: 'estimates-load' }, 'Load'),
      load,
      element('label', { for: 'estimates-filter' }, 'Words'),
      filter,
    ),
    count,
    scrollable(
      'All estimates',
      element(
        'table',
        { class: 'dense' },
        element('caption', { class: 'unseen' }, 'All estimates'),
        element('thead', {}, element('tr', {}, ...heads.map(({ head }) => head))),
        body,
      ),
    ),
  )
  // Thousands of rows, which most readers never open.
  details.addEventListener('toggle', fill, { once: true })
  return details
}
