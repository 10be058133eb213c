import type { KeyColour, LegendEntry } from './chart-definition.ts'
import { element, svg } from './element.ts'
import type { Theme, VariantStyle } from './theme.ts'

/** Outlines of the point shapes on a square of 12, centred on 0. */
function mark(style: VariantStyle): SVGElement {
  const stroke = { stroke: style.colour, 'stroke-width': '1.5' }
  switch (style.shape) {
    case 'circle':
      return svg('circle', { r: '3.6', fill: style.colour })
    case 'rect':
      return svg('rect', { x: '-3.4', y: '-3.4', width: '6.8', height: '6.8', fill: style.colour })
    case 'rectRot':
      return svg('path', { d: 'M0 -4.6 L4.6 0 L0 4.6 L-4.6 0 Z', fill: style.colour })
    case 'triangle':
      return svg('path', { d: 'M0 -4.4 L4.2 3.4 L-4.2 3.4 Z', fill: style.colour })
    case 'cross':
      return svg('path', { d: 'M-4 0 H4 M0 -4 V4', ...stroke })
    case 'crossRot':
      return svg('path', { d: 'M-3.4 -3.4 L3.4 3.4 M-3.4 3.4 L3.4 -3.4', ...stroke, 'stroke-width': '2' })
    case 'star':
      return svg('path', { d: 'M-4 0 H4 M0 -4 V4 M-3 -3 L3 3 M-3 3 L3 -3', ...stroke })
  }
}

function key(style: VariantStyle, line: boolean): SVGElement {
  const children = [
    ...(line
      ? [
          svg('path', {
            d: 'M-15 0 H15',
            stroke: style.colour,
            'stroke-width': '2',
            'stroke-dasharray': style.dash.join(' '),
          }),
        ]
      : []),
    mark(style),
  ]
  const width = line ? 32 : 14
  return svg(
    'svg',
    { width: String(width), height: '12', viewBox: `${-width / 2} -6 ${width} 12`, 'aria-hidden': 'true' },
    ...children,
  )
}

/** So many lines can be told apart at a glance; further ones wait to be asked for. */
const mostAtFirst = 8

/** What is hidden until its key is pressed: of many entries, all but some that are spread evenly from first to last. */
export function hiddenAtFirst(ids: readonly string[]): ReadonlySet<string> {
  if (ids.length <= mostAtFirst) return new Set()
  const shown = new Set(
    Array.from({ length: mostAtFirst }, (_, index) => Math.round((index * (ids.length - 1)) / (mostAtFirst - 1))),
  )
  return new Set(ids.filter((_, index) => !shown.has(index)))
}

/**
 * Keys of the entries; each is a switch that hides and shows its own.
 *
 * @param hidden ids hidden now
 */
export function entryLegend(
  entries: readonly LegendEntry[],
  lines: boolean,
  theme: Theme,
  hidden: ReadonlySet<string>,
  toggle: (id: string) => void,
): HTMLElement {
  return element(
    'ul',
    { class: entries.length > mostAtFirst ? 'legend many' : 'legend' },
    ...entries.map((entry) => {
      const button = element(
        'button',
        { type: 'button', 'aria-pressed': String(!hidden.has(entry.id)) },
        key(theme.variant(entry), lines),
        entry.label,
      )
      button.addEventListener('click', () => toggle(entry.id))
      return element('li', {}, button)
    }),
  )
}

/** Keys of the stacked parts and of the noise band. */
export function partLegend(
  keys: readonly { readonly label: string; readonly colour: KeyColour }[],
  theme: Theme,
): HTMLElement {
  return element(
    'ul',
    { class: 'legend' },
    ...keys.map(({ label, colour }) =>
      element(
        'li',
        {},
        svg(
          'svg',
          { width: '14', height: '12', viewBox: '0 0 14 12', 'aria-hidden': 'true' },
          svg('rect', { x: '0', y: '1', width: '14', height: '10', fill: theme[colour] }),
        ),
        label,
      ),
    ),
  )
}
