import { describe, expect, it } from 'vitest'
import { exampleResults } from '../estimates/slice.fixture.ts'
import { renderTerminal } from './terminal.ts'

const results = exampleResults({ restarts: 5, rounds: 2 })

describe('renderTerminal', () => {
  it.each([60, 80, 120])('keeps every line within %i columns', (width) => {
    const lines = renderTerminal(results, { width, colour: false }).split('\n')
    expect(lines.filter((line) => line.length > width)).toEqual([])
  })

  it('names every load with its mode, and response time at saturation as queueing', () => {
    const text = renderTerminal(results, { width: 120, colour: false })
    expect(text).toContain('Saturation (closed loop, 10 connections)')
    expect(text).toContain('Fixed rate (open loop, 2,000 req/s)')
    expect(text).toContain('Unloaded (1 connection)')
    expect(text.replace(/\s+/g, ' ')).toContain('Response time at saturation (queueing, not added latency)')
  })

  it('never shows latency at saturation as added', () => {
    const text = renderTerminal(results, { width: 200, colour: false })
    const saturation = text.slice(text.indexOf('Saturation (closed'), text.indexOf('Unloaded (1'))
    expect(saturation).not.toMatch(/Added p/)
  })

  it('counts the whole restarts of an interrupted run, also where its file is of before they were recorded', () => {
    const last = (run: object) =>
      renderTerminal({ ...results, run: { ...results.run, ...run } }, { width: 200, colour: false })
        .trim()
        .split('\n')
        .at(-1)
    expect(last({ state: 'interrupted', wholeRestarts: 3 })).toContain(' 3 restarts,')
    expect(last({ state: 'interrupted', wholeRestarts: undefined })).toContain(' 4 restarts,')
    expect(last({ state: 'complete', wholeRestarts: undefined })).toContain(' 5 restarts,')
  })

  it('writes colours only where they are wanted', () => {
    expect(renderTerminal(results, { width: 80, colour: false })).not.toContain('\u001b')
    expect(renderTerminal(results, { width: 80, colour: true })).toContain('\u001b[1m')
  })

  it('lets no text of the results steer the terminal', () => {
    const warning = { code: 'x', message: 'a\u001b[2Jb\u009b2Jc', remedy: 'none', severity: 'high' as const }
    const text = renderTerminal({ ...results, warnings: [warning] }, { width: 80, colour: false })
    expect(text).not.toContain('\u001b')
    expect(text).not.toContain('\u009b')
    expect(text).toContain('a\uFFFD[2Jb')
  })

  it('says what was left out and why, and what an interrupted run is', () => {
    const plan = {
      ...results.plan,
      variants: results.plan.variants.map((variant) =>
        variant.id === 'session' ? { ...variant, state: { leftOut: 'the gate refused it' } } : variant,
      ),
    }
    const run = { ...results.run, state: 'interrupted' as const }
    const text = renderTerminal({ ...results, plan, run }, { width: 80, colour: false })
    expect(text).toContain('Not measured: Session: the gate refused it')
    expect(text.split('\n')[0]).toContain('interrupted')
  })
})
