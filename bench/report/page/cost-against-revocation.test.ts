import { expect, test } from 'vitest'
import { exampleResults } from '../../estimates/slice.fixture.ts'
import { project } from '../projection.ts'
import { costAgainstRevocation } from './charts/cost-against-revocation.ts'

const results = exampleResults({ restarts: 4, rounds: 2 })
const data = project(results)

test('cost against revocation holds every candidate at the fixed rate, with what was measured and the formula', () => {
  const panels = costAgainstRevocation.panels(data)
  expect(panels.map(({ key }) => key)).toEqual([
    'fixed-rate/2000',
    'fixed-rate/2000/role-change',
    'fixed-rate/2000/user-deletion',
  ])
  const rows = panels[0]?.table?.rows ?? []
  expect(rows.map(([label]) => label)).toEqual(['Session', 'JWT HS256', 'JWT RS256', 'JWT ES256', 'JWT EdDSA'])
  expect(rows[0]?.slice(2)).toEqual(['0 ms', 'refused from the next request on'])
  expect(rows[1]?.slice(2)).toEqual(['1.62 s of a 2 s lifetime', 'up to the lifetime of the credential: 900 s'])
  expect(panels[0]?.note).toContain('what the formula gives')
})

test('cost against revocation is left out where fewer than three candidates have both', () => {
  const two = data.revocation.filter(({ variant }) => ['session', 'jwt:alg=HS256'].includes(variant))
  expect(costAgainstRevocation.panels({ ...data, revocation: two })).toEqual([])
})

test('of a variant with a clock of its own the cost is that of its own windows, in note, table and tooltip alike', () => {
  const steady = { value: 12.3, low: 11, high: 13.6, valueText: '12.3', intervalText: '±1.3', unit: 'µs' }
  const at = { load: 'fixed-rate/2000' }
  const panels = costAgainstRevocation.panels({
    ...data,
    steadyCosts: [
      { variant: 'session', from: 'measured', ...at, ...steady },
      { variant: 'jwt:alg=HS256', from: 'derived', ...at, ...steady },
    ],
  })
  const rows = panels[0]?.table?.rows ?? []
  expect(rows[0]?.[1]).toBe('12.3 ±1.3 µs (steady windows)')
  expect(rows[1]?.[1]).toBe('12.3 ±1.3 µs (derived from hits and misses)')
  expect(rows[2]?.[1]).not.toContain('(')
  expect(panels[0]?.note).toContain('Of Session the cost is that of windows')
  expect(panels[0]?.note).toContain('Of JWT HS256 the cost is derived for the real period')
  const elsewhere = costAgainstRevocation.panels({
    ...data,
    steadyCosts: [{ variant: 'session', from: 'measured', ...steady, load: 'fixed-rate/500' }],
  })
  expect(elsewhere[0]?.note).not.toContain('Hits and misses')
})

test('deployments of a variant stand at the lag that was measured of it once', () => {
  const variants = results.plan.variants.map((variant) =>
    variant.role !== 'candidate'
      ? variant
      : { ...variant, id: `${variant.id}@dbDelay=1ms`, deployment: { dbDelayUs: 1000 } },
  )
  const ids = new Set(variants.map(({ id }) => id))
  const estimates = results.estimates.map((one) =>
    ids.has(one.variant) ? one : { ...one, variant: `${one.variant}@dbDelay=1ms` },
  )
  const swept = project({ ...results, plan: { ...results.plan, variants }, estimates })
  const rows = (of: typeof data) => costAgainstRevocation.panels(of)[0]?.table?.rows
  expect(rows(swept)).toEqual(rows(data))
})

test('what has no bound is named, and stands in the table only', () => {
  const withoutBound = data.revocation.map(({ lagS, ...view }) =>
    view.variant === 'session' ? view : { ...view, ...(lagS === undefined ? {} : { lagS }) },
  )
  const [panel] = costAgainstRevocation.panels({ ...data, revocation: withoutBound })
  expect(panel?.note).toContain('Without a bound, and so not drawn: Session.')
  expect(panel?.legend?.entries.map(({ label }) => label)).not.toContain('Session')
  expect(panel?.table?.rows.map(([label]) => label)).toContain('Session')
})
