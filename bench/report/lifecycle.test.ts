import { expect, test } from 'vitest'
import { exampleResults } from '../estimates/slice.fixture.ts'
import type { Lifecycle } from '../record/lifecycle.ts'
import { lifecycleSections } from './lifecycle.ts'

const figure = (value: number, half = 1) => ({ value, low: value - half, high: value + half })
const variant = 'jwt:alg=HS256'

const lifecycle: Lifecycle = {
  batches: [],
  calls: [
    { variant, call: 'login', metric: 'totalCpuUs', figure: figure(171_000, 800), restarts: 10 },
    { variant, call: 'refresh', metric: 'totalCpuUs', figure: figure(812, 9), restarts: 10 },
    { variant: 'session', call: 'login', metric: 'totalCpuUs', figure: figure(170_000, 900), restarts: 10 },
  ],
  passwordHash: [{ metric: 'totalCpuUs', figure: figure(169_000, 700) }],
  amortised: [10, 100].map((requestsPerToken) => ({
    variant,
    requestsPerToken,
    metric: 'totalCpuUs',
    measured: figure(100 + 812 / requestsPerToken),
    formula: figure(100 + 812 / requestsPerToken),
    difference: figure(requestsPerToken === 10 ? 4 : 0),
    agrees: requestsPerToken !== 10,
  })),
}

const results = { ...exampleResults({ restarts: 3, rounds: 2 }), lifecycle }

test('a login is shown in milliseconds, its password hash apart, and what a variant does not have is absent', () => {
  const [calls] = lifecycleSections(results)
  expect(calls?.note).toContain('169 [168, 170] ms')
  // In the order of the plan, whatever order they were called in.
  expect(calls?.rows.map(({ label }) => label)).toEqual(['Session', 'JWT HS256'])
  const [session, jwt] = calls?.rows ?? []
  expect(jwt?.cells[1]).toMatchObject({ kind: 'figure', value: '171' })
  expect(jwt?.cells[3]).toMatchObject({ kind: 'figure', value: '812', interval: '±9' })
  expect(session?.cells[3]).toEqual({ kind: 'absent', reason: 'it has no refresh tokens' })
})

test('measured and formula stand side by side for each n, with whether they agree', () => {
  const [, amortised] = lifecycleSections(results)
  expect(amortised?.columns.map(({ label }) => label)).toContain('n = 10: measured')
  expect(amortised?.rows.map(({ cells }) => cells.length)).toEqual([8])
  const texts = amortised?.rows[0]?.cells.map((cell) => (cell.kind === 'text' ? cell.text : cell.kind))
  expect([texts?.[3], texts?.[7]]).toEqual(['no', 'yes'])
})

test('without the CPU of Postgres the figures are those of the server, and say so', () => {
  const blind = lifecycle.calls.map((call) => ({ ...call, metric: 'appCpuUs' as const }))
  const [calls] = lifecycleSections({ ...results, lifecycle: { ...lifecycle, calls: blind } })
  expect(calls?.note).toContain(': app CPU per call')
})

test('a total with an auth service says so in both notes', () => {
  const [first] = results.slices
  if (first === undefined) throw new Error('The fixture made no slice.')
  const { latency, startedAt } = first
  const batch = {
    ...{ variant, set: 0, restart: 0, round: 0, call: 'login' as const, calls: 20, failures: 0 },
    ...{ startedAt, durationMs: 100, latency, app: { cpuUs: 1, queries: 0 }, database: { cpuUs: 1 }, doubts: [] },
  }
  const asked = { ...batch, processes: [{ role: 'issuer' as const, cpuUs: 10 }] }
  const notes = (batches: Lifecycle['batches']) =>
    lifecycleSections({ ...results, lifecycle: { ...lifecycle, batches } }).map(({ note }) => note)
  for (const note of notes([asked])) expect(note).toContain('app and database CPU (with auth service) per')
  for (const note of notes([batch])) expect(note).toContain('app and database CPU per')
})

test('a run that measured no sign-ins shows none', () => {
  expect(lifecycleSections(exampleResults({ restarts: 3, rounds: 2 }))).toEqual([])
})
