import type { PlainTable } from './chart-definition.ts'
import { element } from './element.ts'

/** A wide table scrolls within its own frame, reachable by keyboard; the page never scrolls sideways. */
export const scrollable = (label: string, table: HTMLTableElement): HTMLElement =>
  element('div', { class: 'scroll', role: 'region', 'aria-label': label, tabindex: '0' }, table)

/** The text alternative of a chart as a table. */
export const plainTable = (caption: string, { head, rows }: PlainTable): HTMLElement =>
  scrollable(
    caption,
    element(
      'table',
      {},
      element('caption', { class: 'unseen' }, caption),
      element('thead', {}, element('tr', {}, ...head.map((text) => element('th', { scope: 'col' }, text)))),
      element(
        'tbody',
        {},
        ...rows.map(([first, ...rest]) =>
          element('tr', {}, element('th', { scope: 'row' }, first), ...rest.map((text) => element('td', {}, text))),
        ),
      ),
    ),
  )

/** The table in a sentence, for readers who do not see the canvas. */
export const spokenTable = (title: string, { head, rows }: PlainTable): string =>
  `${title}. ${rows
    .map(
      ([first, ...rest]) =>
        `${first ?? ''}: ${rest.map((text, index) => `${head[index + 1] ?? ''} ${text}`).join(', ')}`,
    )
    .join('; ')}.`
