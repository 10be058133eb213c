import { expect, test } from 'vitest'
import { estimate } from '../../estimates/estimate.ts'
import { exampleResults } from '../../estimates/slice.fixture.ts'
import { exampleTokenTuning } from '../../estimates/tuning/token-sweep.fixture.ts'
import { project } from '../projection.ts'
import { tokenCost } from './charts/token-cost.ts'

const data = project(
  exampleTokenTuning({
    sets: [
      [
        { alg: 'ES256', us: 98 },
        { alg: 'HS256', us: 24, bytes: 290 },
        { alg: 'ES256', verifier: 'fast-jwt', us: 80 },
      ],
    ],
  }),
)

test('tokens have a panel for each load, algorithms together and the cheapest of each first', () => {
  const panels = tokenCost.panels(data)
  expect(panels.map(({ key }) => key)).toEqual(['fixed-rate/2000', 'saturation/10'])
  for (const { note, table } of panels) {
    expect(note).toMatch(/closed loop|open loop/)
    expect(table?.rows.map(([name]) => name)).toEqual(['JWT ES256, fast-jwt', 'JWT ES256', 'JWT HS256'])
    expect(table?.rows.every((row) => row.length === table.head.length)).toBe(true)
  }
})

test('the parts of a bar make up its cost, and the bytes stand beside it', () => {
  const bars = data.tokenTuning?.bars ?? []
  expect(bars).toHaveLength(6)
  for (const { eventLoopUs, outsideUs, unseparatedUs, value } of bars) {
    expect(eventLoopUs + outsideUs).toBeCloseTo(value)
    expect(unseparatedUs).toBe(0)
  }
  expect(bars.find(({ variant }) => variant === 'jwt:alg=HS256')?.figure).toMatch(/µs .*, 290 B$/)
})

test('a bar is not split where the loop waited for its core longer than all CPU took', () => {
  const tuned = exampleTokenTuning({ sets: [[{ alg: 'HS256', us: 24 }]] })
  const waiting = tuned.slices.map((slice) =>
    slice.role === 'candidate' ? { ...slice, app: { ...slice.app, eventLoopActiveUs: 1.5 * slice.app.cpuUs } } : slice,
  )
  const bars = project({ ...tuned, ...estimate({ ...tuned, slices: waiting }) }).tokenTuning?.bars ?? []
  expect(bars.length).toBeGreaterThan(0)
  for (const bar of bars) expect(bar).toMatchObject({ eventLoopUs: 0, outsideUs: 0, unseparatedUs: bar.value })
})

test('tokens are left out of a run that tuned none', () => {
  expect(tokenCost.panels(project(exampleResults({ restarts: 3, rounds: 2 })))).toEqual([])
})
