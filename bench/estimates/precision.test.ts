import { expect, test } from 'vitest'
import { disturbed } from './core-speed.fixture.ts'
import { decideOnPrecision, precisionFigures, shownWider } from './precision.ts'
import { exampleResults } from './slice.fixture.ts'

const results = exampleResults({ restarts: 8, otherRounds: 3, estimated: false })

test('the app CPU cost of every candidate under every load with one is held against the target', () => {
  const names = precisionFigures(results).map(({ name }) => name)
  expect(names).toHaveLength(10)
  expect(names).toContain('app CPU cost of session at saturation (10 connections)')
  expect(names).toContain('app CPU cost of jwt:alg=EdDSA at 2,000 requests/s')
})

test('a wide target stops after 8 restarts, a narrow one names what is missing and what it would take', () => {
  expect(decideOnPrecision(results, 8, { kind: 'absolute', halfWidth: 50 })).toEqual({ action: 'stop' })
  const decision = decideOnPrecision(results, 8, { kind: 'absolute', halfWidth: 0.1 })
  expect(decision).toMatchObject({ action: 'continue' })
  if (decision.action === 'stop') throw new Error('stopped')
  expect(decision.tooWide).toHaveLength(10)
  expect(decision.restartsNeeded).toBeGreaterThan(8)
})

test('a record without a usable figure never reads as precise', () => {
  expect(decideOnPrecision({ ...results, slices: [] }, 9, { kind: 'absolute', halfWidth: 1 }).action).toBe('continue')
})

test('a candidate without a figure is not narrow enough, and is named', () => {
  const slices = results.slices.map((slice) =>
    slice.variant === 'session' ? { ...slice, doubts: [{ code: 'steal' as const, detail: 'stolen' }] } : slice,
  )
  const decision = decideOnPrecision({ ...results, slices }, 8, { kind: 'absolute', halfWidth: 50 })
  if (decision.action === 'stop') throw new Error('stopped')
  expect(decision.tooWide).toHaveLength(2)
  expect(decision.tooWide[0]).toContain('app CPU cost of session at saturation (10 connections) (no figure: ')
  expect(decision.restartsNeeded).toBe(Number.POSITIVE_INFINITY)
  expect(shownWider({ ...results, slices }, { kind: 'relative', share: 10 })).toHaveLength(2)
})

test('what no restart narrows is no reason to go on, but is told', () => {
  const slices = disturbed(results.slices)
  const figures = precisionFigures({ ...results, slices })
  const target = { kind: 'absolute', halfWidth: Math.max(...figures.map(({ halfWidth }) => halfWidth)) } as const
  expect(decideOnPrecision({ ...results, slices }, 8, target)).toEqual({ action: 'stop' })
  const wider = shownWider({ ...results, slices }, target)
  expect(wider.length).toBeGreaterThan(0)
  for (const { name, halfWidth, shownHalfWidth } of figures) {
    expect(shownHalfWidth).toBeGreaterThan(halfWidth)
    expect(wider.includes(name)).toBe(shownHalfWidth > target.halfWidth)
  }
  expect(shownWider(results, { kind: 'absolute', halfWidth: 50 })).toEqual([])
})
