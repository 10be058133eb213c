import { describe, expect, it } from 'vitest'
import { exampleMicro, stepParts } from '../estimates/micro.fixture.ts'
import { exampleResults } from '../estimates/slice.fixture.ts'
import { csvField, renderCsv } from './csv.ts'

describe('csvField', () => {
  it('puts an apostrophe before text that a spreadsheet would take for a formula', () => {
    expect(csvField('=1+1')).toBe("'=1+1")
    expect(csvField('@SUM(A1)')).toBe("'@SUM(A1)")
    expect(csvField('+1')).toBe("'+1")
    expect(csvField('-1')).toBe("'-1")
    expect(csvField('\t=1')).toBe("'\t=1")
  })

  it('leaves negative numbers as numbers', () => {
    expect(csvField(-1.5)).toBe('-1.5')
  })

  it('quotes commas, quotes and line breaks as RFC 4180 says', () => {
    expect(csvField('jwt:alg=ES256,verifier="jose"')).toBe('"jwt:alg=ES256,verifier=""jose"""')
    expect(csvField('=a,b')).toBe(`"'=a,b"`)
  })
})

describe('renderCsv', () => {
  const results = exampleResults({ restarts: 4, rounds: 2 })

  it('writes a header and one line for each estimate, all with as many fields', () => {
    const lines = renderCsv(results).split('\r\n')
    expect(lines).toHaveLength(results.estimates.length + 2)
    expect(lines.at(-1)).toBe('')
    expect(new Set(lines.slice(0, -1).map((line) => line.split(',').length))).toEqual(new Set([23]))
  })

  it('keeps the full precision of a value', () => {
    const [estimate] = results.estimates
    expect(renderCsv(results)).toContain(String(estimate?.value))
  })

  it('holds what micro found: every task, and what the step explains of the cost over HTTP', () => {
    const lines = renderCsv(exampleMicro()).split('\r\n')
    const [header = '', ...rest] = lines
    const names = header.split(',')
    const rows = rest.map((line) => Object.fromEntries(line.split(',').map((value, index) => [names[index], value])))
    const of = (metric: string, task: string, kind: string) =>
      rows.filter((row) => row.variant === 'session' && row.metric === metric && row.task === task && row.kind === kind)
    const [lookUp] = of('microCpuUs', 'look up', 'absolute')
    expect(Number(lookUp?.value)).toBeCloseTo(stepParts.session?.['look up'] ?? 0, -1)
    expect(Number(lookUp?.low)).toBeLessThan(Number(lookUp?.high))
    expect(lookUp?.load).toBe('in process')
    expect(of('microElapsedUs', 'look up', 'absolute')).toHaveLength(1)
    expect(of('microCpuUs', 'step', 'cost')[0]?.baseline).toBe('none')
    expect(of('microShareOfHttpCost', 'step', 'ratio')).toHaveLength(1)
    expect(of('microRemainderOfHttpCostUs', 'step', 'cost')).toHaveLength(1)
  })
})
