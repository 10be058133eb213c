import type { ChartDefinition, Panel } from './chart-definition.ts'
import { element } from './element.ts'

/** With more, tabs take more room than the chart's own words. */
const mostTabs = 6

/** Switches between the panels of a figure: tabs, or a list where there are many; `first` is shown to begin with. */
export const panelSwitch = (
  definition: ChartDefinition,
  panels: readonly Panel[],
  first: number,
  show: (index: number) => void,
): HTMLElement =>
  panels.length > mostTabs ? listSwitch(definition, panels, first, show) : tabSwitch(definition, panels, first, show)

const purpose = ({ title }: ChartDefinition): string => `Shown of: ${title}`

type Switch = typeof panelSwitch

const tabSwitch: Switch = (definition, panels, first, show) => {
  const group = element('fieldset', { class: 'switch' }, element('legend', { class: 'unseen' }, purpose(definition)))
  panels.forEach(({ label }, index) => {
    const radio = element('input', { type: 'radio', name: definition.id, id: `${definition.id}-${index}` })
    radio.checked = index === first
    radio.addEventListener('change', () => show(index))
    group.append(radio, element('label', { for: `${definition.id}-${index}` }, label))
  })
  return group
}

const listSwitch: Switch = (definition, panels, first, show) => {
  const select = element(
    'select',
    { 'aria-label': purpose(definition) },
    ...panels.map(({ label }, index) => element('option', { value: String(index) }, label)),
  )
  select.selectedIndex = first
  select.addEventListener('change', () => show(select.selectedIndex))
  return element('div', { class: 'switch' }, select)
}
