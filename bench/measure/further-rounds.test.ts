import { expect, test } from 'vitest'
import { exampleResults } from '../estimates/slice.fixture.ts'
import type { PlannedLoad } from '../plan/planned-load.ts'
import type { Slice } from '../record/slice.ts'
import { mostFurtherRounds, wantsFurtherRound } from './further-rounds.ts'

const rounds = (planned: number): PlannedLoad => ({
  mode: 'fixed-rate',
  rate: 'default',
  sliceMs: 250,
  rounds: planned,
})

const restart = exampleResults({ restarts: 1, rounds: 6, estimated: false }).slices.filter(
  ({ load }) => load.mode === 'saturation',
)

/** Whether a block of so many planned rounds wants another one, after these slices. */
const wants = (planned: number, slices: readonly Slice[]): boolean =>
  wantsFurtherRound(rounds(planned), slices, new Set(slices.map(({ round }) => round)).size - planned)

/** The first rounds of a restart, with doubts where `spoiled` says so. */
const made = (number: number, spoiled: (slice: Slice) => boolean = () => false): Slice[] =>
  restart
    .filter(({ round }) => round < number)
    .map((slice) => ({ ...slice, doubts: spoiled(slice) ? [{ code: 'steal', detail: 'in this test' }] : [] }))

test('undisturbed rounds are enough', () => {
  for (const planned of [1, 2, 3, 4]) expect(wants(planned, made(planned))).toBe(false)
})

test('one spoiled round of several is no reason for another, the only one is', () => {
  expect(
    wants(
      3,
      made(3, ({ round }) => round === 1),
    ),
  ).toBe(false)
  expect(
    wants(
      1,
      made(1, ({ role }) => role === 'control'),
    ),
  ).toBe(true)
})

test('a round counts for a variant only where the control is valid too', () => {
  const spoiled = ({ variant, role, round }: Slice) =>
    (variant === 'session' && round === 0) || (role === 'control' && round === 1)
  expect(wants(3, made(3, spoiled))).toBe(true)
  expect(wants(3, made(4, spoiled))).toBe(false)
})

test('a variant that is doubtful in every round asks for none', () => {
  expect(
    wants(
      3,
      made(3, ({ variant }) => variant === 'session'),
    ),
  ).toBe(false)
})

test('however disturbed, no more than half as many rounds are added as were planned, or two', () => {
  expect([1, 2, 3, 4, 5].map(mostFurtherRounds)).toEqual([2, 2, 2, 2, 3])
  const always = ({ role }: Slice) => role === 'control'
  expect(wants(4, made(5, always))).toBe(true)
  expect(wants(4, made(6, always))).toBe(false)
})

test('rounds that made no slices count as added, so that nothing can go on for ever', () => {
  expect([0, 1, 2].map((added) => wantsFurtherRound(rounds(3), [], added))).toEqual([true, true, false])
})

test('no rule looks at what a slice cost', () => {
  const dear = made(3).map((slice) => ({ ...slice, app: { ...slice.app, cpuUs: 1000 * slice.app.cpuUs } }))
  expect(wants(3, dear)).toBe(false)
})
