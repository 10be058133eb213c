import { expect, test } from 'vitest'
import { exampleResults } from '../estimates/slice.fixture.ts'
import type { Bursty } from '../record/bursty.ts'
import { burstySection } from './bursty.ts'

const figure = (value: number) => ({ value, low: value - 1, high: value + 1 })
const bursty: Bursty = {
  slices: [],
  variants: [
    {
      variant: 'session',
      everyMs: 2000,
      requestsPerSecond: 2000,
      restarts: 10,
      hitUs: figure(60),
      missUs: figure(140),
      atUserRate: [{ requestsPerUserPerMinute: 1, cpuUs: figure(137) }],
      check: {
        derivedMissShare: 0.312,
        measuredMissShare: { absent: 'no valid slice' },
        derivedUs: figure(85),
        measuredUs: figure(86),
        differenceUs: figure(1),
        agrees: true,
      },
    },
  ],
}

test('hit, miss, the cost at a rate and the check stand in one row, and what is missing says why', () => {
  const section = burstySection({ ...exampleResults({ restarts: 3, rounds: 2 }), bursty })
  const [row] = section?.rows ?? []
  const texts = row?.cells.map((cell) => (cell.kind === 'text' ? cell.text : cell.kind === 'figure' ? cell.value : '–'))
  expect(row?.label).toBe('Session')
  expect(texts).toEqual(['2 s', '60.0', '140', '137', '31.2', '–', '85.0', '86.0', '1.00', 'yes'])
  expect(section?.columns).toHaveLength(texts?.length ?? 0)
})

test('a period that was shortened for measuring is said to have been', () => {
  const [variant] = bursty.variants
  if (variant === undefined) throw new Error('the fixture has no variant')
  const shortened = { ...bursty, variants: [{ ...variant, everyMs: 60_000, measuredEveryMs: 1000 }] }
  const results = exampleResults({ restarts: 3, rounds: 2 })
  const section = burstySection({ ...results, bursty: shortened })
  expect(section?.rows[0]?.cells[0]).toMatchObject({ text: expect.stringMatching(/^1 min .*measured with 1 s/) })
  expect(section?.note).toContain('shorter one')
  expect(burstySection({ ...results, bursty })?.note).not.toContain('shorter one')
})

test('CPU that includes a Redis says so', () => {
  const results = exampleResults({ restarts: 3, rounds: 2 })
  const slices = results.slices.slice(0, 1).map((slice) => ({
    ...{ purpose: 'fit' as const, everyMs: 2000, misses: 1 },
    slice: { ...slice, processes: [{ role: 'cache' as const, cpuUs: 10 }] },
  }))
  const note = burstySection({ ...results, bursty: { ...bursty, slices } })?.note
  expect(note).toMatch(/^App and database CPU \(with Redis\) of a request/)
  expect(burstySection({ ...results, bursty })?.note).toMatch(/^App and database CPU of a request/)
})

test('a run without such strategies shows nothing', () => {
  expect(burstySection(exampleResults({ restarts: 3, rounds: 2 }))).toBeUndefined()
})
