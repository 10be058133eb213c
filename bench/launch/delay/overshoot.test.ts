import { expect, test } from 'vitest'
import { Overshoot } from './overshoot.ts'

test('nothing is subtracted before the first sleep was seen', () => {
  expect(new Overshoot().medianUs).toBe(0)
})

test('the first sleeps count at once', () => {
  const overshoot = new Overshoot()
  overshoot.record(80)
  expect(overshoot.medianUs).toBe(80)
  overshoot.record(60)
  overshoot.record(70)
  expect(overshoot.medianUs).toBe(70)
})

test('rare long overshoots do not move it', () => {
  const overshoot = new Overshoot()
  for (let i = 0; i < 64; i++) overshoot.record(i % 10 === 0 ? 5000 : 75)
  expect(overshoot.medianUs).toBe(75)
})

test('it follows a machine that changes, and forgets what was before', () => {
  const overshoot = new Overshoot()
  for (let i = 0; i < 1000; i++) overshoot.record(70)
  for (let i = 0; i < 64; i++) overshoot.record(200)
  expect(overshoot.medianUs).toBe(200)
})

test('a clock that runs backwards never makes it negative', () => {
  const overshoot = new Overshoot()
  overshoot.record(-50)
  expect(overshoot.medianUs).toBe(0)
})
