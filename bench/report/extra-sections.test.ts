import { expect, test } from 'vitest'
import { estimate } from '../estimates/estimate.ts'
import { exampleResults } from '../estimates/slice.fixture.ts'
import type { Results, WriteCount } from '../record/run.ts'
import type { BadTraffic, Slice } from '../record/slice.ts'
import { extraSections } from './extra-sections.ts'
import { renderMarkdown } from './markdown.ts'
import { project } from './projection.ts'
import { loadSections } from './sections.ts'
import { renderTerminal } from './terminal.ts'

const plain = exampleResults({ restarts: 3, rounds: 2 })
const written: WriteCount['written'] = {
  requests: 4000,
  walBytes: 800_000,
  fullPageImages: 2,
  inserted: 0,
  updated: 4000,
  hotUpdated: 3900,
  deleted: 0,
  deadTuples: 400,
}
const withWrites = (counts: readonly WriteCount[]): Results => ({
  ...plain,
  checks: { ...plain.checks, writes: [...counts] },
})

/** The example with bad traffic: every slice at saturation once more, with nothing but bad credentials, 3 us cheaper. */
function withBadTraffic(answers: Partial<BadTraffic> = {}): Results {
  const badTraffic = { requests: 0, falseAccepts: 0, acceptedKinds: [], wrongRefusals: 0, falseRefusals: 0, ...answers }
  const bad = plain.slices.flatMap((slice): Slice[] =>
    slice.load.mode !== 'saturation'
      ? []
      : [
          {
            ...slice,
            load: { mode: 'bad-traffic', connections: slice.load.connections, badShare: 1 },
            app: { ...slice.app, cpuUs: slice.app.cpuUs - 3 * slice.requests },
            badTraffic: { ...badTraffic, requests: slice.requests },
          },
        ],
  )
  return {
    ...plain,
    slices: [...plain.slices, ...bad],
    checks: {
      ...plain.checks,
      badTraffic: [
        { variant: 'session', sent: ['absent', 'revoked'], leftOut: [] },
        { variant: 'jwt:alg=ES256', sent: ['absent'], leftOut: [{ kind: 'revoked', reason: 'by expiry alone' }] },
      ],
    },
  }
}

test('a run that asked for neither has no further tables', () => {
  expect(extraSections(plain)).toEqual([])
})

test('writes are shown for a million requests, with the share of HOT updates and what it was counted over', () => {
  const [section] = extraSections(withWrites([{ variant: 'session', event: 'request', written }]))
  const [row] = section?.rows ?? []
  expect(row?.label).toMatch(/: requests$/)
  expect(row?.cells.map((cell) => (cell.kind === 'text' ? cell.text : cell))).toEqual([
    '200',
    '500',
    '1,000,000',
    '97.5 %',
    '100,000',
    '4,000',
  ])
})

test('writes that could not be counted say why, and a share of no updates is none', () => {
  const none = { ...written, updated: 0, hotUpdated: 0, deadTuples: { absent: 'vacuum' } }
  const [section] = extraSections(
    withWrites([
      { variant: 'session', event: 'request', written: none },
      { variant: 'session', event: 'logout', written: { absent: 'it hung' } },
    ]),
  )
  const [requests, logouts] = section?.rows ?? []
  expect(requests?.cells[3]).toEqual({ kind: 'absent', reason: 'no row was updated' })
  expect(requests?.cells[4]).toEqual({ kind: 'absent', reason: 'vacuum' })
  expect(logouts?.cells.every((cell) => cell.kind === 'absent' && cell.reason === 'it hung')).toBe(true)
  expect(logouts?.cells).toHaveLength(section?.columns.length ?? 0)
})

test('the cost of refusing stands beside the counts of wrong answers', () => {
  const sections = extraSections(withBadTraffic())
  const cellsOf = (title: string, id: string) =>
    sections.find((section) => section.title === title)?.rows.find(({ variant }) => variant === id)?.cells
  const costs = cellsOf('What refusing costs', 'session')
  const answers = cellsOf('Bad credentials under load', 'session')
  expect(costs?.[0]).toMatchObject({ kind: 'figure', value: expect.stringMatching(/^−3(\.0+)?$/) })
  expect(costs?.[2]?.kind).toBe('absent')
  expect(answers?.[1]).toEqual({ kind: 'text', text: '0' })
  expect(answers?.[4]).toEqual({ kind: 'text', text: '0' })
  const es256 = cellsOf('Bad credentials under load', 'jwt:alg=ES256')
  expect(es256?.at(-1)).toEqual({ kind: 'text', text: 'revoked: by expiry alone' })
})

test('kinds that were measured by themselves have a row each, and no table of their load against the control', () => {
  const results = withBadTraffic()
  const revoked = results.slices.flatMap(({ load, ...slice }): Slice[] =>
    load.mode === 'bad-traffic' && slice.variant === 'session'
      ? [
          {
            ...slice,
            load: { ...load, kind: 'revoked' },
            app: { ...slice.app, cpuUs: slice.app.cpuUs - slice.requests },
          },
        ]
      : [],
  )
  const slices = [...results.slices, ...revoked]
  const withKinds: Results = { ...results, slices, ...estimate({ ...results, slices }) }
  const section = extraSections(withKinds).find(({ title }) => title === 'What refusing costs, by kind')
  expect(section?.rows).toMatchObject([
    { variant: 'session', cells: [{ value: expect.stringMatching(/^−4(\.0+)?$/) }, { kind: 'figure' }] },
  ])
  expect(section?.rows[0]?.label).toMatch(/: revoked$/)
  const titles = loadSections(withKinds).map(({ title }) => title)
  expect(titles.filter((title) => title.startsWith('Bad credentials only'))).toHaveLength(1)
  expect(titles.filter((title) => title.startsWith('Revoked'))).toEqual([])
  expect(withKinds.absent.filter(({ load }) => load.mode === 'bad-traffic' && load.kind !== undefined)).toEqual([])
})

test('wrong answers are counted over all slices, those left out of estimates as well', () => {
  const results = withBadTraffic({ falseAccepts: 2, acceptedKinds: ['expired'], wrongRefusals: 1 })
  const doubtful = results.slices.map(
    (slice): Slice =>
      slice.badTraffic === undefined ? slice : { ...slice, doubts: [{ code: 'false-accept', detail: '' }] },
  )
  const [cost, answers] = extraSections({ ...results, slices: doubtful })
  const cellsOf = (section: typeof cost) => section?.rows.find(({ variant }) => variant === 'session')?.cells
  expect(cellsOf(cost)?.[0]?.kind).toBe('absent')
  // 3 restarts of 2 rounds.
  expect(cellsOf(answers)?.[1]).toEqual({ kind: 'text', text: '12' })
  expect(answers?.columns[2]?.label).toBe('Wrong refusals')
  expect(cellsOf(answers)?.[2]).toEqual({ kind: 'text', text: '6' })
})

test('terminal, Markdown and the page get the same tables', () => {
  const results = {
    ...withBadTraffic(),
    checks: { ...withBadTraffic().checks, writes: [{ variant: 'session', event: 'request' as const, written }] },
  }
  const titles = extraSections(results).map(({ title }) => title)
  expect(titles).toEqual(['What refusing costs', 'Bad credentials under load', 'Writes to Postgres'])
  for (const text of [renderTerminal(results, { width: 200, colour: false }), renderMarkdown(results)]) {
    for (const title of titles) expect(text).toContain(title)
  }
  expect(project(results).extras.map(({ title }) => title)).toEqual(titles)
})
