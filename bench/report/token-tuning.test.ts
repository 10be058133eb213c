import { describe, expect, it } from 'vitest'
import { exampleResults } from '../estimates/slice.fixture.ts'
import { exampleTokenTuning } from '../estimates/tuning/token-sweep.fixture.ts'
import { renderMarkdown } from './markdown.ts'
import { project } from './projection.ts'
import { renderTerminal } from './terminal.ts'
import { tokenReport } from './token-tuning.ts'

const results = exampleTokenTuning({
  sets: [
    [
      { alg: 'HS256', us: 24, bytes: 290 },
      { alg: 'ES256', us: 98, bytes: 335 },
    ],
    [
      { alg: 'RS256', us: 44, bytes: 590, signingUs: 210 },
      { alg: 'ES256', verifier: 'fast-jwt', us: 80, bytes: 335 },
    ],
  ],
  needs: { maxBytes: 400 },
})

describe('the report of tune token', () => {
  it('answers first, in place of the ordinary sentences', () => {
    const text = renderTerminal(results, { width: 100, colour: false }).replace(/\s+/g, ' ')
    expect(text).toMatch(/^Asked for: at most 400 bytes\. 3 of the 4 variants of the grid can be chosen\. At 2,000/)
    expect(text).toContain('JWT HS256 is shown to be the cheapest')
    expect(text).toMatch(/\d µs \(±[\d.]+\) of app CPU/)
    expect(text).not.toContain('authentication costs per request:')
  })

  it('has a table per load with the cheapest first, and one of signing, size and needs', () => {
    const sections = tokenReport(results)?.view.sections ?? []
    expect(sections.map(({ title }) => title)).toEqual([
      'Tokens by cost: Fixed rate (open loop, 2,000 req/s)',
      'Tokens by cost: Saturation (closed loop, 10 connections)',
      'Tokens: signing, size, needs',
    ])
    expect(sections[1]?.rows.map(({ variant }) => variant)).toEqual([
      'jwt:alg=HS256',
      'jwt:alg=RS256',
      'jwt:alg=ES256,verifier=fast-jwt',
      'jwt:alg=ES256',
    ])
    expect(sections[1]?.rows.map(({ cells }) => cells.at(-1))).toEqual(
      ['the cheapest', 'no', 'second', 'dearer'].map((text) => ({ kind: 'text', text })),
    )
    for (const { columns, rows } of sections) {
      for (const { cells } of rows) expect(cells).toHaveLength(columns.length)
    }
    expect(JSON.stringify(sections[2])).toContain('590 bytes are more than 400')
  })

  it('stands in the Markdown and on the page as well', () => {
    expect(renderMarkdown(results)).toContain('### Tokens: signing, size, needs')
    const data = project(results)
    expect(data.title).toContain('Which token on this machine')
    expect(data.tokenTuning?.sections).toHaveLength(3)
  })

  it('leaves an ordinary run as it was', () => {
    const ordinary = exampleResults({ restarts: 3, rounds: 2 })
    expect(tokenReport(ordinary)).toBeUndefined()
    expect(project(ordinary).tokenTuning).toBeUndefined()
  })
})
