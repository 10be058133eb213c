import { describe, expect, it } from 'vitest'
import { exampleResults } from '../../estimates/slice.fixture.ts'
import { project } from '../projection.ts'
import { logTicks, rangeWithZero } from './axis.ts'
import { charts } from './chart-list.ts'
import { restartSpans } from './charts/every-slice.ts'
import { latencyPercentiles, nines } from './charts/latency-percentiles.ts'
import { estimateRows, sortRows } from './estimate-rows.ts'
import { gateWords } from './facts-list.ts'
import { brokenLabel, rowsHeight } from './rows.ts'
import { darkTheme, lightTheme } from './theme.ts'

describe('the result of the gate', () => {
  it('names the attacks that a variant was spared by its own account, beside those that it passed', () => {
    const results = exampleResults({ restarts: 3, rounds: 1 })
    const unguarded = [{ variant: 'session', attacks: ['duplicated cookie', 'expired'] }]
    const { gate } = project({ ...results, checks: { ...results.checks, unguarded } })
    const words = new Map(gate.map((view) => [view.variant, gateWords(view)]))
    expect(words.get('session')).toMatch(/^5 of 5 passed; left out, .*: duplicated cookie, expired$/)
    expect([...words.values()].filter((text) => text.includes('left out'))).toHaveLength(1)
    expect(project(results).gate.map(gateWords).join()).not.toContain('left out')
  })
})

const data = project(exampleResults({ restarts: 4, rounds: 2 }))

describe('charts', () => {
  it('name unit, mode and interval in the note of every panel that shows figures', () => {
    for (const chart of charts) {
      for (const panel of chart.panels(data)) {
        expect(panel.note, `${chart.id} ${panel.key}`).toMatch(/[Cc]losed loop|open loop|1 connection/)
        expect(panel.note, `${chart.id} ${panel.key}`).toMatch(/µs|[Rr]equests per second/)
      }
    }
  })

  it('have a row of words for every variant they draw', () => {
    for (const chart of charts) {
      for (const { table } of chart.panels(data)) {
        expect(table?.rows.length).toBeGreaterThan(0)
        expect(table?.rows.every((row) => row.length === table.head.length)).toBe(true)
      }
    }
  })

  it('never show latency at saturation as added', () => {
    const added = charts.find(({ id }) => id === 'added-latency')?.panels(data) ?? []
    expect(added.map(({ key }) => key)).toEqual(['fixed-rate/2000', 'unloaded'])
  })

  it('are left out where a run has nothing for them', () => {
    const empty = { ...data, loads: [], estimates: [], curves: [], distributions: [], slices: [] }
    expect(charts.flatMap((chart) => chart.panels(empty))).toEqual([])
  })
})

describe('axes', () => {
  it('give every further nine the same width', () => {
    expect(nines(0.99) - nines(0.9)).toBeCloseTo(1)
    expect(nines(0.999) - nines(0.99)).toBeCloseTo(1)
  })

  it('name at least three values of any logarithmic range', () => {
    for (const [min, max] of [
      [24, 29],
      [10, 130],
      [0.5, 5000],
      [99, 101],
    ] as const) {
      const ticks = logTicks(min, max).map(({ value }) => value)
      expect(ticks.length, `${min} to ${max}`).toBeGreaterThanOrEqual(3)
      expect(Math.min(...ticks)).toBeGreaterThanOrEqual(min)
      expect(Math.max(...ticks)).toBeLessThanOrEqual(max)
    }
  })

  it('always hold zero', () => {
    expect(rangeWithZero([5, 10]).min).toBe(0)
    expect(rangeWithZero([-5, -1]).max).toBeGreaterThanOrEqual(0)
  })

  it('give rows more height where a name takes more lines', () => {
    const short = rowsHeight(['Session', 'JWT'], 360, 32)
    expect(rowsHeight(['Session', 'JWT ES256, jsonwebtoken, re-imported key, bearer'], 360, 32)).toBeGreaterThan(short)
  })

  it('break labels at spaces', () => {
    expect(brokenLabel('No authentication (twin)', 18)).toEqual(['No authentication', '(twin)'])
    expect(brokenLabel('Session', 18)).toBe('Session')
  })
})

describe('response time by percentile', () => {
  it('has an axis that holds every interval, and ends one that reaches below zero at its edge', () => {
    const wide = {
      ...data,
      estimates: data.estimates.map((one) =>
        one.metric === 'latencyUs' && one.variant === 'session' && one.quantile === 0.99
          ? { ...one, low: -50, high: 20 * one.value }
          : one,
      ),
    }
    const surface = { theme: lightTheme, width: 800, font: 'sans-serif', shown: () => true }
    for (const panel of latencyPercentiles.panels(wide)) {
      const { data: drawn, options } = panel.plots[0]?.config(surface) ?? {}
      const { min, max } = options?.scales?.y ?? {}
      expect(min).toBeGreaterThan(0)
      const ends = (drawn?.datasets ?? []).flatMap(({ data: points }) =>
        points.flatMap((point) =>
          typeof point === 'object' && point !== null && 'yMin' in point ? [point.yMin, point.yMax] : [],
        ),
      )
      expect(ends.length).toBeGreaterThan(0)
      for (const end of ends) {
        expect(end).toBeGreaterThanOrEqual(Number(min))
        expect(end).toBeLessThanOrEqual(Number(max))
      }
    }
  })
})

describe('restartSpans', () => {
  it('spans the slices of each restart in their order', () => {
    const point = (restart: number, order: number) => ({
      load: 'unloaded',
      variant: 'none',
      set: 0,
      restart,
      round: 0,
      order,
      values: {},
      doubts: [],
    })
    expect(restartSpans([point(1, 2), point(0, 0), point(0, 1), point(1, 3)])).toEqual([
      { restart: 0, from: 0, to: 1 },
      { restart: 1, from: 2, to: 3 },
    ])
  })
})

describe('the table of all estimates', () => {
  it('keeps the rows that hold every word', () => {
    const rows = estimateRows(data, 'saturation/10', 'SESSION cost')
    expect(rows.length).toBeGreaterThan(0)
    expect(
      rows.every(({ variant, against, kind }) => `${variant}${against}`.includes('Session') && kind === 'cost'),
    ).toBe(true)
  })

  it('sorts values by their numbers', () => {
    const sorted = sortRows(estimateRows(data, undefined, ''), 'value', true).map(({ number }) => number)
    expect(sorted).toEqual([...sorted].sort((a, b) => b - a))
  })
})

/** WCAG 2.2, "relative luminance". */
function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5]
    .map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

describe('themes', () => {
  it.each([
    ['light', lightTheme],
    ['dark', darkTheme],
  ] as const)('keep a contrast of 3:1 with the paper in %s', (_, theme) => {
    const paper = luminance(theme.paper)
    const colours = [
      theme.app,
      theme.database,
      theme.companions,
      ...Array.from({ length: 12 }, (__, style) => theme.variant({ style }).colour),
    ]
    for (const colour of colours) {
      const other = luminance(colour)
      const contrast = (Math.max(paper, other) + 0.05) / (Math.min(paper, other) + 0.05)
      expect(contrast, colour).toBeGreaterThanOrEqual(3)
    }
  })

  it('tell the first five candidates apart by dash or shape alone', () => {
    const marks = Array.from({ length: 5 }, (_, index) => {
      const { dash, shape } = lightTheme.variant({ style: 2 + index })
      return `${dash.join(' ')}/${shape}`
    })
    expect(new Set(marks).size).toBe(5)
  })
})
