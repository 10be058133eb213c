import { Chart } from 'chart.js'
import type { ReportData } from '../report-data.ts'
import type { ChartDefinition, Panel, Surface } from './chart-definition.ts'
import { element } from './element.ts'
import { entryLegend, hiddenAtFirst, partLegend } from './legend.ts'
import { panelSwitch } from './panel-switch.ts'
import { plainTable, spokenTable } from './plain-table.ts'
import type { Theme } from './theme.ts'

/** How all figures are drawn now. */
export interface Drawing {
  readonly theme: Theme
  readonly font: string
  /** CSS pixels for all figures, whatever their place on the screen: set for paper. */
  readonly width: number | undefined
  readonly pixelRatio: number
}

export interface Figure {
  readonly id: string
  readonly short: string
  readonly node: HTMLElement
  /** Draws anew what is shown; another panel when it is chosen. */
  draw(drawing: Drawing): void
}

/** Of more panels than these, paper shows the one that is chosen. */
const mostOnPaper = 4

/** Plots of a panel stand side by side from this width on. */
const sideBySide = 720
const gap = 32

/** A figure with its switch, legends, canvases and text alternatives; undefined where there is nothing to show. */
export function createFigure(definition: ChartDefinition, data: ReportData): Figure | undefined {
  const panels = definition.panels(data)
  if (panels.length === 0) return undefined
  const frames = panels.map((panel) => createPanel(definition, panel))
  const few = panels.length <= mostOnPaper
  const waiting = new Set(frames)
  let latest: PanelDrawing | undefined
  const drawVisible = (): void => {
    if (latest === undefined) return
    for (const frame of waiting) {
      if (frame.node.classList.contains('off') && !(latest.onPaper && few)) continue
      waiting.delete(frame)
      frame.draw(latest)
    }
  }
  const show = (shown: number): void => {
    frames.forEach((frame, index) => {
      frame.node.classList.toggle('off', index !== shown)
    })
    drawVisible()
  }
  const first = Math.max(
    0,
    panels.findIndex(({ key }) => key === data.opensAt),
  )
  const node = element(
    'figure',
    { id: definition.id, class: few ? 'chart' : 'chart one-on-paper' },
    element('figcaption', {}, element('h2', {}, definition.title)),
    panels.length > 1 ? panelSwitch(definition, panels, first, show) : undefined,
    ...frames.map((frame) => frame.node),
  )
  show(first)
  return {
    id: definition.id,
    short: definition.short,
    node,
    draw(drawing) {
      latest = { ...drawing, onPaper: drawing.width !== undefined, width: drawing.width ?? node.clientWidth }
      for (const frame of frames) waiting.add(frame)
      drawVisible()
    },
  }
}

interface PanelDrawing extends Drawing {
  readonly width: number
  readonly onPaper: boolean
}

interface PanelFrame {
  readonly node: HTMLElement
  draw(drawing: PanelDrawing): void
}

function createPanel(definition: ChartDefinition, panel: Panel): PanelFrame {
  const keys = element('div', { class: 'keys' })
  const plots = element('div', { class: 'plots' })
  const title = `${definition.title}: ${panel.label}`
  const { legend, table } = panel
  const spoken = table === undefined ? title : spokenTable(title, table)
  const hidden = new Set(legend === undefined ? [] : hiddenAtFirst(legend.entries.map(({ id }) => id)))
  const many = hidden.size > 0
  const drawn: Chart[] = []
  const node = element(
    'div',
    { class: 'panel' },
    element('h3', { class: 'panel-name' }, panel.label),
    element('p', { class: 'note' }, panel.note),
    keys,
    plots,
    ...(panel.content?.() ?? []),
    table === undefined
      ? undefined
      : element('details', {}, element('summary', {}, 'The figures of this chart'), plainTable(title, table)),
  )
  const draw = (drawing: PanelDrawing): void => {
    for (const chart of drawn.splice(0)) chart.destroy()
    const toggle = (id: string): void => {
      if (!hidden.delete(id)) hidden.add(id)
      const focused = document.activeElement?.textContent
      draw(drawing)
      // The keys were made anew: the reader stays where they were.
      for (const button of keys.querySelectorAll('button')) if (button.textContent === focused) button.focus()
    }
    keys.replaceChildren(
      ...(panel.keys === undefined ? [] : [partLegend(panel.keys, drawing.theme)]),
      ...(legend === undefined ? [] : [entryLegend(legend.entries, legend.lines, drawing.theme, hidden, toggle)]),
      ...(legend === undefined || !many
        ? []
        : [
            element(
              'p',
              { class: 'note' },
              `${legend.entries.length - hidden.size} of ${legend.entries.length} are drawn: a press on a key draws it or takes it away. The table below holds them all.`,
            ),
          ]),
    )
    const beside = panel.plots.length > 1 && drawing.width >= sideBySide
    plots.classList.toggle('beside', beside)
    const width = Math.floor(
      beside ? (drawing.width - gap * (panel.plots.length - 1)) / panel.plots.length : drawing.width,
    )
    const surface: Surface = { theme: drawing.theme, width, font: drawing.font, shown: (id) => !hidden.has(id) }
    plots.replaceChildren(
      ...panel.plots.map((plot) => {
        const canvas = element('canvas', {
          width: String(width),
          height: String(Math.round(plot.height(width))),
          role: 'img',
          'aria-label': plot.title === undefined ? spoken : `${plot.title}. ${spoken}`,
        })
        const config = plot.config(surface)
        drawn.push(
          new Chart(canvas, { ...config, options: { ...config.options, devicePixelRatio: drawing.pixelRatio } }),
        )
        return element(
          'div',
          { class: 'plot' },
          plot.title === undefined ? undefined : element('h3', {}, plot.title),
          canvas,
        )
      }),
    )
  }
  return { node, draw }
}
