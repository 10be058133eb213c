import { expect, it } from 'vitest'
import type { Slice } from '../record/slice.ts'
import { notKeptUp } from './not-kept-up.ts'
import { exampleResults } from './slice.fixture.ts'

const { plan, slices } = exampleResults({ restarts: 4, rounds: 1, otherRounds: 3, estimated: false })

const isFixedSession = ({ variant, load }: Slice): boolean => variant === 'session' && load.mode === 'fixed-rate'

/** The session's first slices at the fixed rate left requests unsent. */
const behindIn = (number: number): Slice[] => {
  let left = number
  return slices.map((slice) => (isFixedSession(slice) && left-- > 0 ? { ...slice, unsent: 700 } : slice))
}

it('a variant that falls behind the rate is named, because its worst slices are left out', () => {
  const [warning, ...others] = notKeptUp(plan, behindIn(3))
  expect(others).toEqual([])
  expect(warning).toMatchObject({ code: 'not-kept-up', variant: 'session', severity: 'high' })
  expect(warning?.message).toContain('at 2,000 requests/s in 3 of 12 slices: 2,100 requests were never sent')
})

it('a single slice may be a stall of the machine, and who sent everything kept up', () => {
  expect(notKeptUp(plan, behindIn(1))).toEqual([])
  expect(notKeptUp(plan, slices)).toEqual([])
})
