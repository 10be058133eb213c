import type { HeatCell, HeatMapView } from '../tuning-view.ts'
import { tickText } from './axis.ts'
import { element, svg } from './element.ts'
import { heatBounds, heatLevels } from './heat-level.ts'
import { scrollable } from './plain-table.ts'

const nameOf = { throughput: 'Throughput', p95: 'Response time p95' } as const

/** With more columns, the maps of throughput and p95 stand one below the other. */
const mostBeside = 4

/** One heat map as a table: the figures stay readable on paper, to screen readers and without colours. */
export function heatTable(place: string, view: HeatMapView): HTMLElement {
  const name = `${nameOf[view.metric]}, ${view.unit.replace(/^us$/, 'µs')}`
  const levels = heatLevels(view)
  const caption = `${name}: ${place}`
  return element(
    'div',
    { class: view.connections.length > mostBeside ? 'heat-map alone' : 'heat-map' },
    element('h3', {}, name),
    scrollable(
      caption,
      element(
        'table',
        { class: 'heat' },
        element('caption', { class: 'unseen' }, caption),
        element(
          'thead',
          {},
          element(
            'tr',
            {},
            element('th', { scope: 'col', rowspan: '2' }, 'Pool'),
            element('th', { scope: 'colgroup', colspan: String(view.connections.length) }, 'Connections'),
          ),
          element(
            'tr',
            {},
            ...view.connections.map((connections) => element('th', { scope: 'col' }, tickText(connections))),
          ),
        ),
        element(
          'tbody',
          {},
          ...view.poolSizes.map((poolSize, row) =>
            element(
              'tr',
              {},
              element('th', { scope: 'row' }, String(poolSize)),
              ...view.connections.map((_, column) => cellNode(view.cells[row]?.[column], levels[row]?.[column])),
            ),
          ),
        ),
      ),
    ),
  )
}

/** Three significant digits, whole from 100 on: cells stay narrow, and the interval is wider than what is left out. */
const cellText = (value: number): string =>
  Math.abs(value) < 100 ? tickText(Number(value.toPrecision(3))) : tickText(Math.round(value))

function cellNode(cell: HeatCell | undefined, level: number | undefined): HTMLTableCellElement {
  if (cell === undefined || 'absent' in cell) {
    const reason = cell?.absent ?? 'not measured'
    return element(
      'td',
      { class: 'absent', title: reason },
      '–',
      element('span', { class: 'unseen' }, ` absent: ${reason}`),
    )
  }
  return element(
    'td',
    { class: `heat-${level ?? 0}${cell.recommended ? ' recommended' : ''}`, title: cell.text },
    element('span', { class: 'value' }, cellText(cell.value)),
    element('span', { class: 'range' }, `${cellText(cell.low)} – ${cellText(cell.high)}`),
    cell.recommended ? element('span', { class: 'mark' }, 'recommended') : undefined,
  )
}

/** What the colours mean. */
export const heatKey = (): HTMLElement =>
  element(
    'ul',
    { class: 'legend heat-key' },
    ...[...heatBounds, undefined].map((bound, level) =>
      element(
        'li',
        {},
        svg(
          'svg',
          { width: '22', height: '12', viewBox: '0 0 22 12', 'aria-hidden': 'true' },
          svg('rect', { x: '0.5', y: '0.5', width: '21', height: '11', class: `heat-${level}` }),
        ),
        bound === undefined ? 'further' : level === 0 ? `within ${bound} × of the best` : `${bound} ×`,
      ),
    ),
  )
