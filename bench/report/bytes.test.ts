import { expect, test } from 'vitest'
import { exampleResults } from '../estimates/slice.fixture.ts'
import type { Results } from '../record/run.ts'
import { bytesSection } from './bytes.ts'
import { renderTerminal } from './terminal.ts'

const example = exampleResults({ restarts: 3, rounds: 2 })
const method = 'weighed'
const results: Results = {
  ...example,
  checks: {
    ...example.checks,
    wire: [
      { variant: 'session', requests: 20, requestHeaderBytes: 142.5, responseHeaderBytes: 210, responseBodyBytes: 50 },
    ],
    state: [
      {
        variant: 'session',
        sizes: [
          { where: 'postgres', what: 'session', bytes: 1_500_000, count: 10_000, method },
          { where: 'memory', what: 'cached session', bytes: 3_000_000, count: 10_000, method },
        ],
      },
      { variant: 'jwt:alg=HS256', sizes: [], memory: { absent: 'a library' } },
      { variant: 'jwt:alg=ES256', sizes: { absent: 'no temporary tables' } },
    ],
  },
}

const cellsOf = (variant: string) => {
  const section = bytesSection(results)
  const row = section?.rows.find((one) => one.variant === variant)
  return Object.fromEntries(section?.columns.map(({ label }, index) => [label, row?.cells[index]]) ?? [])
}

test('bytes stand per user and entry, and traffic each way at the fixed rate', () => {
  const session = cellsOf('session')
  expect(session['Request headers']).toEqual({ kind: 'text', text: '143' })
  expect(session['At rest']).toEqual({ kind: 'text', text: '150 (session)' })
  expect(session['In memory']).toEqual({ kind: 'text', text: '300 (cached session)' })
  expect(session['To the server']).toMatchObject({ kind: 'figure' })
  expect(session['From the server']).toMatchObject({ kind: 'figure' })
  expect(bytesSection(results)?.note).toContain('fixed rate, 2,000 req/s')
})

test('traffic is that of the load that the note names, in servers that run as measured', () => {
  const withOthers: Results = {
    ...results,
    estimates: results.estimates.flatMap((one) => {
      if (one.metric !== 'requestMbitPerSecond' || one.load.mode !== 'fixed-rate') return [one]
      const tenfold = { ...one, value: 10 * one.value, low: 10 * one.low, high: 10 * one.high }
      const faster = { ...tenfold, load: { ...one.load, requestsPerSecond: 20_000 } }
      const production = { ...tenfold, group: 'production' as const }
      return one.variant === 'session' ? [production, faster, one] : [one, faster, production]
    }),
  }
  const section = bytesSection(withOthers)
  expect(section?.note).toContain('fixed rate, 2,000 req/s')
  expect(section).toEqual(bytesSection(results))
})

test('nothing kept is 0, and what is not known says why', () => {
  expect(cellsOf('jwt:alg=HS256')['At rest']).toEqual({ kind: 'text', text: '0' })
  expect(cellsOf('jwt:alg=HS256')['In memory']).toEqual({ kind: 'absent', reason: 'a library' })
  expect(cellsOf('jwt:alg=ES256')['At rest']).toEqual({ kind: 'absent', reason: 'no temporary tables' })
})

test('traffic of a variant that was deployed several times is that of its deployments', () => {
  const deployed = results.plan.variants.flatMap((variant) =>
    variant.id !== 'session'
      ? [variant]
      : [2, 10].map((poolSize) => ({ ...variant, id: `session@pool=${poolSize}`, deployment: { poolSize } })),
  )
  const estimates = results.estimates.flatMap((one) =>
    one.variant !== 'session' ? [one] : [2, 10].map((pool) => ({ ...one, variant: `session@pool=${pool}` })),
  )
  const sweep = bytesSection({ ...results, plan: { ...results.plan, variants: deployed }, estimates })
  const rowOf = (section: typeof sweep) => section?.rows.find(({ variant }) => variant === 'session')
  expect(rowOf(sweep)?.cells).toEqual(rowOf(bytesSection(results))?.cells)
})

test('results of before bytes were counted have no table of them', () => {
  expect(bytesSection(example)).toBeUndefined()
  expect(renderTerminal(results, { width: 100, colour: false })).toContain('Bytes on the wire and at rest')
  expect(renderTerminal(example, { width: 100, colour: false })).not.toContain('Bytes on the wire and at rest')
})
