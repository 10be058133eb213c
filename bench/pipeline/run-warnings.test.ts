import { expect, test } from 'vitest'
import { parseVariant } from '../../servers/strategies/table.ts'
import { unguardedOf } from './admission.ts'
import { runWarnings } from './run-warnings.ts'

const variant = parseVariant('session')

/** Warnings about a variant whose 200 requests made so many queries by the pool's count and by Postgres' own. */
const warningsOf = (counted: number, pgStatStatements: number | { absent: string }): string[] =>
  runWarnings(
    [
      {
        planned: { key: variant.id, role: 'candidate', variant },
        checks: [],
        queryCount: { variant: variant.id, requests: 200, counted, pgStatStatements },
        credentialBytes: 77,
        state: 'measured',
      },
    ],
    { shared: false },
  ).map(({ code }) => code)

test('a library that asks Postgres past the pool is named', () => {
  expect(warningsOf(0, 200)).toEqual(['queries-miscounted'])
  expect(warningsOf(200, 400)).toEqual(['queries-miscounted'])
})

test('stray statements of other servers are not taken for it', () => {
  expect(warningsOf(200, 200)).toEqual([])
  expect(warningsOf(0, 3)).toEqual([])
  expect(warningsOf(199, 200)).toEqual([])
  expect(warningsOf(0, { absent: 'pg_stat_statements is not there' })).toEqual([])
})

const places = (apart: number, [low, value, high]: readonly [number, number, number]) => ({
  variant: variant.id,
  inFlight: 10,
  turns: 3,
  turnMs: 200,
  shared: { appCpuUs: 45, databaseCpuUs: 43 },
  apart: { appCpuUs: apart, databaseCpuUs: 43 },
  times: { value, low, high },
})

test('a shared core is named, with what it costs a look-up where that was measured', () => {
  const [unmeasured] = runWarnings([], { shared: true })
  expect(unmeasured).toMatchObject({ code: 'shared-core', severity: 'low' })
  expect(unmeasured?.message).toContain('may cost more CPU')
  const [dear] = runWarnings([], { shared: true, coreSharing: places(29.5, [1.1, 1.21, 1.33]) })
  expect(dear?.severity).toBe('high')
  expect(dear?.message).toContain('45.0 us of app CPU and 43.0 us of database CPU on the shared core, 29.5 us')
  expect(dear?.message).toContain('1.21 times as much (1.10 to 1.33)')
  expect(dear?.message).toContain('those of tokens do not')
  const [equal] = runWarnings([], { shared: true, coreSharing: places(44, [0.9, 1.2, 1.6]) })
  expect(equal?.severity).toBe('low')
  expect(equal?.message).not.toContain('those of tokens do not')
  expect(runWarnings([], { shared: true, coreSharing: { absent: 'why' } })[0]?.message).toContain('may cost more CPU')
})

const unguarded = (file: string | undefined) => {
  const traits = { ...variant.traits, unguarded: ['duplicated cookie', 'expired', 'no attack of the gate'] }
  const { file: _, ...own } = variant
  const planned = { ...own, traits, ...(file === undefined ? {} : { file }) }
  return {
    planned: { key: variant.id, role: 'candidate' as const, variant: planned },
    checks: [{ variant: variant.id, attack: 'missing', expected: 'refuse' as const, status: 401, passed: true }],
    queryCount: undefined,
    credentialBytes: 77,
    state: 'measured' as const,
  }
}

test('attacks that a strategy file exempts itself from are recorded, and a low warning', () => {
  const admission = unguarded('/home/me/mine.js')
  expect(unguardedOf([admission])).toEqual({
    unguarded: [{ variant: variant.id, attacks: ['duplicated cookie', 'expired'] }],
  })
  const [warning, ...others] = runWarnings([admission], { shared: false })
  expect(others).toEqual([])
  expect(warning).toMatchObject({ code: 'attacks-left-out', variant: variant.id, severity: 'low' })
  expect(warning?.message).toContain('duplicated cookie, expired.')
  expect(JSON.stringify(warning)).not.toContain('/home')
})

test("attacks left out of the project's own strategies are recorded, and warned of by those themselves", () => {
  const admission = unguarded(undefined)
  expect(unguardedOf([admission]).unguarded).toHaveLength(1)
  expect(runWarnings([admission], { shared: false })).toEqual([])
})

test('nothing is recorded as left out where no attack was made, or none was left out', () => {
  expect(unguardedOf([{ ...unguarded(undefined), checks: [] }])).toEqual({})
  const guarded = unguarded(undefined)
  expect(unguardedOf([{ ...guarded, planned: { ...guarded.planned, variant } }])).toEqual({})
})

test('attacks that could not be tried are named, with why', () => {
  const why = 'POST /register was answered with 500, not 201'
  const notTried = ['a', 'b'].map((attack) => ({ attack, why }))
  const planned = { key: variant.id, role: 'candidate', variant } as const
  const [warning, ...others] = runWarnings(
    [{ planned, checks: [], notTried, queryCount: undefined, credentialBytes: 77, state: 'measured' }],
    { shared: false },
  )
  expect(others).toEqual([])
  expect(warning).toMatchObject({ code: 'attacks-not-tried', severity: 'high' })
  expect(warning?.message).toContain(`because ${why}: a, b.`)
})
