import { expect, test } from 'vitest'
import { exampleCalibration } from '../../estimates/calibration.fixture.ts'
import { exampleResults } from '../../estimates/slice.fixture.ts'
import { project } from '../projection.ts'
import { knownCosts } from './charts/known-costs.ts'

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

test('known costs are left out of a run that had none', () => {
  expect(knownCosts.panels(project(exampleResults({ restarts: 3, rounds: 2 })))).toEqual([])
})
