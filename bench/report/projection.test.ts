import { describe, expect, it } from 'vitest'
import { exampleResults, fixedRates } from '../estimates/slice.fixture.ts'
import type { Results } from '../record/run.ts'
import { anyQuantileNs } from '../statistics/histogram.ts'
import { mergeRecorded } from './distribution.ts'
import { renderMarkdown } from './markdown.ts'
import { project } from './projection.ts'

const results = exampleResults({ restarts: 4, rounds: 2, doubtfulShare: 0.2 })

describe('project', () => {
  const data = project(results)

  it('shows every slice as a point and keeps why it is doubtful', () => {
    expect(data.slices).toHaveLength(results.slices.length)
    const doubtful = results.slices.filter(({ doubts }) => doubts.length > 0).length
    expect(doubtful).toBeGreaterThan(0)
    expect(data.slices.filter(({ doubts }) => doubts.length > 0)).toHaveLength(doubtful)
  })

  it('draws curves of valid responses only', () => {
    const curve = data.curves.find(({ load, variant }) => load === 'saturation/10' && variant === 'session')
    const valid = results.slices.filter(
      ({ load, variant, doubts }) => load.mode === 'saturation' && variant === 'session' && doubts.length === 0,
    )
    expect(curve?.responses).toBe(valid.reduce((sum, { latency }) => sum + latency.count, 0))
  })

  it('ticks a distribution at the median of its responses', () => {
    const shown = data.distributions.find(({ load, variant }) => load === 'saturation/10' && variant === 'session')
    const valid = results.slices.filter(
      ({ load, variant, doubts }) => load.mode === 'saturation' && variant === 'session' && doubts.length === 0,
    )
    const merged = mergeRecorded(valid.map(({ latency }) => latency))
    expect(shown?.medianUs).toBe((anyQuantileNs(merged, 0.5) ?? 0) / 1000)
  })

  it('puts the fixed rate before saturation and unloaded', () => {
    expect(data.loads.map(({ mode }) => mode)).toEqual(['fixed-rate', 'saturation', 'unloaded'])
  })

  it('opens figures at the load that the headline begins with, of three rates the middle one', () => {
    expect(data.opensAt).toBe('fixed-rate/2000')
    const loads = fixedRates(4900, 1200, 3100)
    const several = project(exampleResults({ restarts: 4, rounds: 2, otherRounds: 2, loads }))
    expect(several.opensAt).toBe('fixed-rate/3100')
    expect(several.headline[0]).toContain('At 3,100 requests/s')
    expect(project(exampleResults({ restarts: 2, rounds: 2 })).opensAt).toBeUndefined()
  })

  it('gives every variant a style of its own that does not depend on the load', () => {
    expect(data.variants.map(({ style }) => style)).toEqual([0, 1, 2, 3, 4, 5, 6])
  })

  it('keeps the groups with production flags apart from the others', () => {
    const production = results.slices
      .filter(({ load }) => load.mode === 'unloaded')
      .map((slice) => ({ ...slice, group: 'production' as const }))
    const both = project({ ...results, slices: [...results.slices, ...production] })
    expect(both.loads.at(-1)?.key).toBe('unloaded+production')
    expect(both.loads).toHaveLength(4)
  })

  it('says that database CPU is absent rather than zero where it could not be read', () => {
    const blind = project(exampleResults({ restarts: 4, rounds: 2, databaseCpu: false }))
    const columns = blind.sections.flatMap(({ columns }) => columns.map(({ label }) => label))
    expect(columns).not.toContain('Database CPU cost')
    expect(blind.estimates.some(({ metric }) => metric === 'databaseCpuUsPerRequest')).toBe(false)
  })

  it('draws a run that was interrupted before anything was measured', () => {
    const empty = project({ ...results, slices: [], estimates: [], absent: [], noiseBands: [], warmUps: [] })
    expect(empty.loads).toEqual([])
    expect(empty.sections).toEqual([])
  })
})

describe('renderMarkdown', () => {
  it('lets no text of the results become markup', () => {
    const warning = { code: 'x', message: '<script> | [a](b)', remedy: '*now*', severity: 'low' as const }
    const text = renderMarkdown({ ...results, warnings: [warning] })
    expect(text).toContain('&lt;script> \\| \\[a\\](b)')
  })

  it('has as many cells in every row as in its head', () => {
    const rows = renderMarkdown(results)
      .split('\n')
      .filter((line) => line.startsWith('|'))
    let expected = 0
    rows.forEach((row, index) => {
      const cells = row.split(/(?<!\\)\|/).length
      if (rows[index + 1]?.startsWith('|---')) expected = cells
      expect(cells).toBe(expected)
    })
  })
})

describe('a run from which nothing could be estimated', () => {
  const reason = 'one restart is too few'
  const load = { mode: 'saturation' as const, connections: 10 }
  const absent = [{ variant: 'session', metric: 'appCpuUsPerRequest', load, reason }]
  const bare: Results = { ...results, estimates: [], noiseBands: [], absent }

  it('shows no table without columns, but says why', () => {
    const text = renderMarkdown(bare)
    expect(text).not.toMatch(/^\| Variant \|\s*\|$/m)
    expect(text).toContain(`No figure could be estimated from ${results.slices.length} slices: ${reason}.`)
    // How late requests were sent is no estimate.
    expect(project(bare).sections.map(({ title }) => title)).toEqual([expect.stringMatching(/^How punctual/)])
  })
})

describe('the total CPU', () => {
  const withRedis = results.slices.map((slice) => ({ ...slice, processes: [{ role: 'cache' as const, cpuUs: 10 }] }))
  const totals = (from: Results) =>
    new Set(
      project(from)
        .estimates.filter(({ metric }) => metric === 'totalCpuUsPerRequest')
        .map(({ metricLabel }) => metricLabel),
    )

  it('says which companions it includes, and nothing of companions where there are none', () => {
    expect([...totals(results)]).toEqual(['App and database CPU per request'])
    expect([...totals({ ...results, slices: withRedis })]).toEqual(['App and database CPU per request (with Redis)'])
  })

  it('counts no delay proxy among them', () => {
    const slices = withRedis.map((slice) => ({
      ...slice,
      processes: [{ role: 'delay-proxy' as const, cpuUs: 10 }],
    }))
    expect([...totals({ ...results, slices })]).toEqual(['App and database CPU per request'])
  })
})
