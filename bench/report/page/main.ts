import type { ReportData } from '../report-data.ts'
import { charts } from './chart-list.ts'
import { registerCharts } from './chart-setup.ts'
import { createFigure, type Drawing } from './figure.ts'
import { layout } from './layout.ts'
import { darkTheme, lightTheme } from './theme.ts'

/** The data that `renderHtml` of the same version put into this very file. */
function parseData(): ReportData {
  return JSON.parse(document.getElementById('report-data')?.textContent ?? '{}') as ReportData
}

/** A4 and Letter with the margins of page.css, in CSS pixels. */
const paperWidth = 680
/** Print resolution without a file of many megabytes. */
const paperPixelRatio = 2.5

function start(): void {
  registerCharts()
  const data = parseData()
  const figures = charts.flatMap((definition) => createFigure(definition, data) ?? [])
  document.getElementById('report')?.replaceChildren(layout(data, figures))

  const dark = matchMedia('(prefers-color-scheme: dark)')
  const print = matchMedia('print')
  let onPaper = false
  let drawnWidth = 0
  const draw = (): void => {
    const drawing: Drawing = {
      theme: dark.matches && !onPaper ? darkTheme : lightTheme,
      font: getComputedStyle(document.body).fontFamily,
      width: onPaper ? paperWidth : undefined,
      pixelRatio: onPaper ? paperPixelRatio : Math.max(1, window.devicePixelRatio),
    }
    drawnWidth = document.body.clientWidth
    for (const figure of figures) figure.draw(drawing)
  }
  const paper = (now: boolean): void => {
    if (onPaper === now) return
    onPaper = now
    draw()
  }
  dark.addEventListener('change', draw)
  print.addEventListener('change', ({ matches }) => paper(matches))
  addEventListener('beforeprint', () => paper(true))
  addEventListener('afterprint', () => paper(false))
  let asked = 0
  addEventListener('resize', () => {
    cancelAnimationFrame(asked)
    asked = requestAnimationFrame(() => {
      // Phones report a resize whenever their address bar hides; only a new width changes anything.
      if (document.body.clientWidth !== drawnWidth && !onPaper) draw()
    })
  })
  onPaper = print.matches
  draw()
}

start()
