import { describe, expect, it } from 'vitest'
import { exampleMicro } from '../estimates/micro.fixture.ts'
import { exampleResults } from '../estimates/slice.fixture.ts'
import { renderMarkdown } from './markdown.ts'
import { microReport } from './micro.ts'
import { project } from './projection.ts'
import { renderTerminal } from './terminal.ts'

const results = exampleMicro()
const oneLine = (text: string): string => text.replace(/\s+/g, ' ')

describe('the report of steps in process', () => {
  it('answers first what the step takes, what share of the cost it explains, and whether rankings agree', () => {
    const text = oneLine(renderTerminal(results, { width: 100, colour: false }))
    expect(text).toMatch(/^By itself, in process, the authentication step takes from [\d.]+ µs/)
    expect(text).toMatch(/That explains from \d+ % \(.*\) to \d+ % \(.*\) of the app CPU/)
    expect(text).toMatch(/in process node, fast-jwt, jose; over HTTP node, fast-jwt, jose: both rankings agree/)
  })

  it('names the pairs in which the rankings disagree', () => {
    const headline = microReport(exampleMicro({ nodeHttpUs: 40 }))?.headline.join(' ')
    expect(headline).toContain('the rankings disagree in')
    expect(headline).toContain('node is cheaper than jose in process and dearer over HTTP')
  })

  it('has each part in a column of its own, and a dash for what is no part of a step', () => {
    const parts = microReport(results)?.view.sections.find(({ title }) => title === 'Parts of the step')
    expect(parts?.columns.map(({ label }) => label)).toEqual([
      ...['parse', 'hash', 'look up', 'check header', 'verify', 'check claims', 'whole step'],
    ])
    const session = parts?.rows.find(({ variant }) => variant === 'session')
    expect(session?.cells.map(({ kind }) => kind)).toEqual([
      ...['figure', 'figure', 'figure', 'absent', 'absent', 'absent', 'figure'],
    ])
  })

  it('leaves out the columns about HTTP where nothing was measured over it', () => {
    const without = microReport(exampleMicro({ http: false }))
    expect(without?.view.sections[0]?.columns.map(({ label }) => label)).toEqual(['Step in process', 'One step takes'])
    expect(without?.headline.join(' ')).toContain('Nothing was measured over HTTP')
  })

  it('says that nothing can be said of too few restarts', () => {
    expect(microReport(exampleMicro({ restarts: 2 }))?.headline).toEqual([
      'Nothing can be said of the steps in process: an interval needs 3 restarts, and 2 were made.',
    ])
  })

  it('says of steps of which none could be timed why, and not that restarts are too few', () => {
    const { micro } = results
    if (micro === undefined) throw new Error('no steps')
    const only = micro.runs.filter(({ variant }) => variant === 'none')
    const leftOut = [{ variant: 'session', reason: 'Its step runs in hooks.' }]
    expect(microReport({ ...results, micro: { ...micro, leftOut, runs: only } })?.headline).toEqual([
      'No step could be timed in process: Session: Its step runs in hooks.',
    ])
  })

  it('names who could not be timed, and why', () => {
    const { micro } = results
    if (micro === undefined) throw new Error('no steps')
    const leftOut = [{ variant: 'session', reason: 'its step runs in hooks' }]
    expect(renderMarkdown({ ...results, micro: { ...micro, leftOut } })).toContain(
      'Not timed in process: Session: its step runs in hooks',
    )
  })

  it('leaves an ordinary run as it was', () => {
    const ordinary = exampleResults({ restarts: 3, rounds: 2 })
    expect(microReport(ordinary)).toBeUndefined()
    expect(project(ordinary).micro).toBeUndefined()
  })
})
