import { expect, test } from 'vitest'
import { exampleCalibration } from '../../estimates/calibration.fixture.ts'
import { exampleResults } from '../../estimates/slice.fixture.ts'
import { project } from '../projection.ts'
import { knownCosts } from './charts/known-costs.ts'
import { lightTheme } from './theme.ts'

test('known costs have a panel for each load and kind of amount, with words for every point', () => {
  const panels = knownCosts.panels(project(exampleCalibration()))
  expect(panels.map(({ key }) => key)).toEqual([
    'saturation/10 cpu',
    'fixed-rate/2000 cpu',
    'fixed-rate/2000 wait',
    'unloaded wait',
  ])
  for (const { note, table } of panels) {
    expect(note).toMatch(/closed loop|open loop|1 connection/)
    expect(table?.rows.every((row) => row.length === table.head.length)).toBe(true)
  }
})

test('what was recovered too little for a logarithmic axis is drawn at its edge, and named', () => {
  const data = project(exampleCalibration())
  const { calibration } = data
  if (calibration === undefined) throw new Error('The fixture has no calibration.')
  const points = calibration.points.map((point) =>
    point.variant === 'synthetic:cpu=10us' ? { ...point, recoveredUs: -1, lowUs: -2, highUs: -0.5 } : point,
  )
  const surface = { theme: lightTheme, width: 800, font: 'sans-serif', shown: () => true }
  const [panel] = knownCosts.panels({ ...data, calibration: { ...calibration, points } })
  const { data: drawn, options } = panel?.plots[0]?.config(surface) ?? {}
  const edge = options?.scales?.y?.min
  expect(edge).toBeGreaterThan(0)
  const [point] = drawn?.datasets.find(({ label }) => label === 'synthetic:cpu=10us')?.data ?? []
  expect(point).toMatchObject({ x: expect.closeTo(10.5, 0), y: edge, yMin: edge, yMax: edge })
  expect(panel?.note).toContain('drawn at its lower edge: synthetic:cpu=10us.')
  expect(knownCosts.panels(data)[0]?.note).not.toContain('edge')
})

test('known costs are left out of a run that had none', () => {
  expect(knownCosts.panels(project(exampleResults({ restarts: 3, rounds: 2 })))).toEqual([])
})
