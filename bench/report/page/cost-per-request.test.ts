import { afterEach, expect, test, vi } from 'vitest'
import { exampleWithCompanions } from '../../estimates/companions.fixture.ts'
import { exampleResults } from '../../estimates/slice.fixture.ts'
import { project } from '../projection.ts'
import type { ReportData } from '../report-data.ts'
import { costPerRequest } from './charts/cost-per-request.ts'
import { lightTheme } from './theme.ts'

afterEach(() => {
  vi.unstubAllGlobals()
})

const barOf = (bar: unknown) => {
  const field = (name: string): unknown =>
    typeof bar === 'object' && bar !== null ? Reflect.get(bar, name) : undefined
  return { length: Number(field('x')), low: field('xMin'), high: field('xMax') }
}

/** The stacked parts of a panel, and what each draws. */
function drawn(data: ReportData) {
  vi.stubGlobal('document', { createElement: () => ({ getContext: () => null }) })
  const surface = { theme: lightTheme, width: 800, font: 'sans-serif', shown: () => true }
  const [panel] = costPerRequest.panels(data)
  const { data: parts } = panel?.plots[0]?.config(surface) ?? {}
  return {
    panel,
    parts: (parts?.datasets ?? []).map(({ label, data: bars }) => ({ label, bars: bars.map(barOf) })),
  }
}

const data = project(exampleWithCompanions(30))
const rowOf = (variant: string): number => data.variants.findIndex(({ id }) => id === variant) - 1

test('what Redis or an auth service takes is a part of the bar, which ends at the sum', () => {
  const { parts, panel } = drawn(data)
  expect(parts.map(({ label }) => label)).toEqual(['App CPU', 'Database CPU', 'Redis, auth service'])
  expect(panel?.keys?.map(({ label }) => label)).toEqual([...parts.map(({ label }) => label), 'Noise band'])
  for (const variant of ['session', 'jwt:alg=HS256', 'jwt:alg=ES256']) {
    const total = data.estimates.find(
      (one) =>
        one.variant === variant &&
        one.metric === 'totalCpuUsPerRequest' &&
        one.kind === 'cost' &&
        one.baseline === 'none',
    )
    const bars = parts.map(({ bars: ofRows }) => ofRows[rowOf(variant)])
    const length = bars.reduce((sum, bar) => sum + (bar?.length ?? 0), 0)
    expect(Math.abs(length - (total?.value ?? 0))).toBeLessThan(1)
    // The whisker of the sum stands once, at the last part.
    const whiskers = bars.filter((bar) => bar?.low === total?.low && bar?.high === total?.high)
    expect(whiskers).toHaveLength(1)
    const asked = variant === 'session' ? 40 : variant === 'jwt:alg=HS256' ? 30 : 0
    expect(Math.abs((bars.at(-1)?.length ?? 0) - asked)).toBeLessThan(1)
  }
})

test('the words of the third part are those of its key', () => {
  const { panel } = drawn(data)
  const table = panel?.table
  const column = table?.head.indexOf('Redis, auth service') ?? -1
  const words = (label: string): string | undefined => table?.rows.find(([name]) => name === label)?.[column]
  expect(words('Session')).toMatch(/^(39|40|41)\.?\d* µs$/)
  expect(words('JWT HS256')).toMatch(/^(29|30|31)\.?\d* µs$/)
  expect(words('JWT ES256')).toBe('–')
  expect(panel?.note).toContain('Redis, auth service: what the sum holds beside app and database.')
})

test('a run without them has two parts', () => {
  const { parts, panel } = drawn(project(exampleResults({ restarts: 4, rounds: 2 })))
  expect(parts.map(({ label }) => label)).toEqual(['App CPU', 'Database CPU'])
  expect(panel?.table?.head).toEqual(['Variant', 'App CPU', 'Database CPU', 'Sum'])
})

test('where the CPU of Redis cannot be read there is no part for it', () => {
  const { parts, panel } = drawn(project(exampleWithCompanions({ absent: 'not seen' })))
  expect(parts[2]?.bars[rowOf('jwt:alg=HS256')]?.length).toBe(0)
  expect(panel?.table?.rows.find(([name]) => name === 'JWT HS256')?.slice(-2)).toEqual(['–', '–'])
})
