import { describe, expect, it } from 'vitest'
import { exampleMicro } from '../../estimates/micro.fixture.ts'
import { exampleResults } from '../../estimates/slice.fixture.ts'
import { project } from '../projection.ts'
import { authStep } from './charts/auth-step.ts'

const results = exampleMicro()

describe('the chart of the step', () => {
  it('has a bar for each candidate, with all parts, and words for each', () => {
    const [panel] = authStep.panels(project(results))
    expect(panel?.table?.rows.map(([label]) => label)).toEqual([
      ...['Session', 'JWT HS256', 'JWT HS256, fast-jwt', 'JWT HS256, node:crypto'],
    ])
    expect(panel?.table?.rows.every((row) => row.length === panel.table?.head.length)).toBe(true)
    expect(panel?.table?.rows[0]?.at(-1)).toMatch(/^parse .* µs, hash .* µs, look up .* µs$/)
    expect(panel?.keys?.map(({ label }) => label)).toEqual([
      ...['parse', 'hash or check header', 'look up', 'verify', 'check claims', 'remains over HTTP'],
    ])
  })

  it('is left out of a run that timed no step', () => {
    expect(authStep.panels(project(exampleResults({ restarts: 3, rounds: 2 })))).toEqual([])
  })

  it('knows of no rest where nothing was measured over HTTP', () => {
    const [panel] = authStep.panels(project(exampleMicro({ http: false })))
    expect(panel?.keys?.some(({ label }) => label.includes('HTTP'))).toBe(false)
    expect(panel?.note).not.toContain('HTTP')
  })
})
