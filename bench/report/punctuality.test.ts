import { describe, expect, it } from 'vitest'
import { drawnHistogram, exampleResults } from '../estimates/slice.fixture.ts'
import type { Results } from '../record/run.ts'
import { createRandom } from '../statistics/random.ts'
import { renderMarkdown } from './markdown.ts'
import { project } from './projection.ts'
import { punctualitySections } from './punctuality.ts'
import { cellText } from './text-table.ts'

const plain = exampleResults({ restarts: 3, rounds: 2, otherRounds: 2, doubtfulShare: 0 })
/** The session's first slice at the fixed rate is 5 ms late, and three requests of it were never sent. */
const late = plain.slices.find(({ variant, load }) => variant === 'session' && load.mode === 'fixed-rate')
const results: Results = {
  ...plain,
  slices: plain.slices.map((slice) =>
    slice === late
      ? {
          ...slice,
          scheduleLag: drawnHistogram(10, 5000, 0.1, slice.requests, createRandom(1, 'late')),
          unsent: 3,
          waitedForConnection: 40,
          doubts: [
            { code: 'schedule-lag' as const, detail: 'late' },
            { code: 'unsent' as const, detail: '3 requests were never sent' },
          ],
        }
      : slice,
  ),
}

describe('how punctual the load was', () => {
  it('is shown of every variant at the fixed rate: lag where slices count, and what was left out or never sent', () => {
    const [section, ...others] = punctualitySections(results)
    expect(others).toEqual([])
    expect(section?.title).toBe('How punctual the load was: fixed rate, 2,000 req/s')
    expect(section?.columns.map(({ unit }) => unit)).toEqual(['µs', 'µs', 'of requests', 'slices', 'requests'])
    expect(section?.rows.map(({ variant }) => variant)).toEqual(results.plan.variants.map(({ id }) => id))
    const [p50 = '', p99 = '', waited, left, unsent] =
      section?.rows.find(({ variant }) => variant === 'session')?.cells.map(cellText) ?? []
    // The fixture's lag is lognormal, median 1 us, sigma 0.6: p99 at exp(0.6 x 2.33) = 4.0 us.
    expect(Number(p50)).toBeCloseTo(1, 0)
    expect(Number(p99)).toBeGreaterThan(3)
    expect(Number(p99)).toBeLessThan(6)
    // What waited in a slice that is left out does not count.
    expect([waited, left, unsent]).toEqual(['0 %', '1 of 6', '3'])
    expect(section?.rows[0]?.cells.slice(2).map(cellText)).toEqual(['0 %', '0 of 6', '0'])
  })

  it('tells how many requests waited for the server to free a connection, where it was counted', () => {
    const slices = plain.slices.map(({ waitedForConnection: _, ...slice }) => slice)
    const waited = (of: Results['slices']) =>
      punctualitySections({ ...plain, slices: of })[0]
        ?.rows[0]?.cells.slice(2, 3)
        .map(cellText)
    const third = plain.slices.map((slice) => ({ ...slice, waitedForConnection: slice.requests / 4 }))
    expect(waited(third)).toEqual(['25 %'])
    expect(waited(slices)).not.toEqual(['0 %'])
  })

  it('stands among the tables of the page and in Markdown', () => {
    const title = /^How punctual the load was/
    expect(project(results).sections.some((section) => title.test(section.title))).toBe(true)
    expect(renderMarkdown(results)).toContain('### How punctual the load was: fixed rate, 2,000 req/s')
  })

  it('is left out where no rate was fixed', () => {
    const closed = plain.slices.filter(({ load }) => load.mode !== 'fixed-rate')
    expect(punctualitySections({ ...plain, slices: closed, estimates: [] })).toEqual([])
  })
})
