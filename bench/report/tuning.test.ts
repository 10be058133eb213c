import { describe, expect, it } from 'vitest'
import { estimate } from '../estimates/estimate.ts'
import { exampleSweep } from '../estimates/tuning/pool-sweep.fixture.ts'
import { renderMarkdown } from './markdown.ts'
import { project } from './projection.ts'
import { renderTerminal } from './terminal.ts'
import { tuningReport } from './tuning.ts'

const record = exampleSweep({ connections: [1, 8, 64], pools: [2, 5, 20] })
const results = { ...record, ...estimate(record) }
const report = tuningReport(results)
if (report === undefined) throw new Error('the sweep was to tune a pool')
const { view } = report

describe('the report on a sweep of pools', () => {
  it('is made of the record alone, and of no other run', () => {
    const { tuning: _none, ...plain } = results
    expect(tuningReport(plain)).toBeUndefined()
    expect(project(plain).tuning).toBeUndefined()
    expect(project(results).tuning).toEqual(view)
  })

  it('begins with the recommendations instead of the ordinary headline', () => {
    const [first] = report.headline
    expect(first).toMatch(
      /^Session, no distance added: 1 connection: pool \d+; 8 connections: pool \d+; 64 connections/,
    )
    expect(project(results).headline).toEqual(report.headline)
    for (const text of [renderTerminal(results, { width: 100, colour: false }), renderMarkdown(results)]) {
      expect(text.replace(/\s+/g, ' ')).toContain('Session, no distance added: 1 connection: pool')
      expect(text).toContain('Recommended pool size')
      expect(text).not.toContain('Every connection sends its next request')
    }
  })

  it('has a heat map of throughput and of p95 for each distance, the recommended cells marked', () => {
    expect(view.heatMaps.map(({ title, metric }) => `${title}: ${metric}`)).toEqual([
      'Session, no distance added: throughput',
      'Session, no distance added: p95',
      'Session, database 2 ms away: throughput',
      'Session, database 2 ms away: p95',
    ])
    for (const { poolSizes, connections, cells } of view.heatMaps) {
      expect(poolSizes).toEqual([2, 5, 20])
      expect(connections).toEqual([1, 8, 64])
      connections.forEach((_, column) => {
        const marked = cells.filter((row) => {
          const cell = row[column]
          return cell !== undefined && !('absent' in cell) && cell.recommended
        })
        expect(marked.length).toBeLessThanOrEqual(1)
      })
    }
    const [throughput] = view.heatMaps
    const cell = throughput?.cells[0]?.[2]
    if (cell === undefined || 'absent' in cell) throw new Error('pool 2 was measured with 64 connections')
    expect(cell.low).toBeLessThan(cell.value)
    expect(cell.text).toMatch(/^[\d,]+ \[[\d,]+, [\d,]+\] req\/s$/)
  })

  it('draws the wait against the pool size, a line for each number of connections', () => {
    const [loopback] = view.poolWaits
    expect(loopback?.series.map(({ label }) => label)).toEqual(['1 connection', '8 connections', '64 connections'])
    const waits = loopback?.series[2]?.points.map(({ x, value }) => ({ x, value })) ?? []
    expect(waits.map(({ x }) => x)).toEqual([2, 5, 20])
    expect(waits[0]?.value).toBeGreaterThan(waits[2]?.value ?? Number.NaN)
  })

  it('draws points without a curve where the law is refused, with the reason', () => {
    const [first] = view.scalability
    expect(first?.curve).toEqual([])
    expect(first?.points.points).toHaveLength(3)
    expect(first?.note).toContain('3 of at least 5 different numbers of connections')
  })

  it('draws cost against distance, tokens level, and says whether the lines cross', () => {
    const [last, latency] = view.distances.slice(-2)
    expect(latency?.title).toBe('64 connections, response p50')
    expect(latency?.series[0]?.points[0]?.value).toBeLessThan(latency?.series[0]?.points[1]?.value ?? 0)
    expect(last?.series.map(({ label }) => label)).toEqual(['Session, pool 20', 'JWT HS256', 'JWT ES256'])
    const [lookup, token] = last?.series ?? []
    expect(lookup?.points.map(({ x }) => x)).toEqual([0, 2000])
    expect(token?.points[0]?.value).toBe(token?.points[1]?.value)
    expect(last?.crossings).toHaveLength(2)
    expect(last?.crossings[0]).toMatch(/^Session and JWT HS256 do not cross: the lookup is dearer everywhere/)
  })

  it('says of lines that are only not shown to cross that, and not that they do not', () => {
    const pool = results.tuning?.pool
    if (pool === undefined) throw new Error('the sweep was to tune a pool')
    const crossing = { state: 'not-shown' as const, reason: 'no difference is shown at 0 ms' }
    const crossings = pool.crossings.map((one) => ({ ...one, crossing }))
    const drawn = tuningReport({ ...results, tuning: { pool: { ...pool, crossings } } })?.view.distances
    expect(drawn?.at(-1)?.crossings[0]).toBe(
      'Session and JWT HS256 are not shown to cross: no difference is shown at 0 ms.',
    )
  })

  it('says where a cell was not measured, instead of drawing it', () => {
    const slices = record.slices.filter(
      ({ variant, load }) => variant !== 'session@dbDelay=0,pool=2' || load.connections !== 64,
    )
    const without = { ...record, slices, ...estimate({ ...record, slices }) }
    const [map] = tuningReport(without)?.view.heatMaps ?? []
    expect(map?.cells[0]?.[2]).toEqual({ absent: 'not measured' })
  })

  it('says why nothing is recommended where every slice was doubtful', () => {
    const slices = record.slices.map((slice) => ({
      ...slice,
      doubts: [{ code: 'foreign-load' as const, detail: 'another program' }],
    }))
    const doubtful = { ...record, slices, ...estimate({ ...record, slices }) }
    const [first] = tuningReport(doubtful)?.headline ?? []
    expect(first).toBe(
      'Session, no distance added: not measurable: no pool has enough valid slices, at each of 3 numbers of connections.',
    )
    const [recommended] = tuningReport(doubtful)?.brief ?? []
    expect(recommended?.columns.map(({ label }) => label)).toEqual(['Pool'])
  })

  it('shows no NaN, undefined or infinity anywhere', () => {
    const text = JSON.stringify(view) + renderMarkdown(results) + report.headline.join()
    expect(text).not.toMatch(/NaN|undefined|Infinity|null/)
  })
})
