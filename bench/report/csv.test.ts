import { describe, expect, it } from 'vitest'
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
    expect(new Set(lines.slice(0, -1).map((line) => line.split(',').length))).toEqual(new Set([22]))
  })

  it('keeps the full precision of a value', () => {
    const [estimate] = results.estimates
    expect(renderCsv(results)).toContain(String(estimate?.value))
  })
})
