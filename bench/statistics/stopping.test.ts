import { expect, test } from 'vitest'
import { decideSequentially, restartsNeeded } from './stopping.ts'

const narrow = { name: 'narrow', value: 20, halfWidth: 0.4, restartSd: 0.5 }
const wide = { name: 'wide', value: 100, halfWidth: 2, restartSd: 2.4 }
const within1us = { kind: 'absolute', halfWidth: 1 } as const

test.each([
  // The smallest n with scipy.stats.t.ppf(.975, n - 1) * sd / sqrt(n) <= halfWidth
  [1, 0.5, 18],
  [0.27, 0.1, 31],
  [2, 3, 5],
])('a spread of %d and a half-width of %d take %d restarts', (sd, halfWidth, expected) => {
  expect(restartsNeeded(sd, halfWidth)).toBe(expected)
})

test('a target of 0 is never reached, unless there is no spread', () => {
  expect(restartsNeeded(1, 0)).toBe(Number.POSITIVE_INFINITY)
  expect(restartsNeeded(0, 0)).toBe(3)
})

test('narrow intervals do not stop a run before 8 restarts', () => {
  expect(decideSequentially({ restarts: 7, figures: [narrow], precision: within1us }).action).toBe('continue')
  expect(decideSequentially({ restarts: 8, figures: [narrow], precision: within1us })).toEqual({ action: 'stop' })
})

test('one figure that is too wide keeps the run going, and is named with the restarts it would take', () => {
  expect(decideSequentially({ restarts: 9, figures: [narrow, wide], precision: within1us })).toEqual({
    action: 'continue',
    tooWide: ['wide'],
    restartsNeeded: restartsNeeded(2.4, 1),
  })
})

test('a relative target is a share of the figure itself', () => {
  const precision = { kind: 'relative', share: 0.03 } as const
  expect(decideSequentially({ restarts: 8, figures: [narrow, wide], precision }).action).toBe('stop')
  expect(decideSequentially({ restarts: 8, figures: [{ ...narrow, value: 1 }], precision }).action).toBe('continue')
})
