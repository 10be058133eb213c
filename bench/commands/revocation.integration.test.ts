import { expect, test } from 'vitest'
import { resultsSchema } from '../record/run.ts'
import { HarnessProcess } from './harness-process.fixture.ts'

test('a run records for how long each variant accepts an old credential after each event, and shows it', async () => {
  await using harness = new HarnessProcess([
    ...['run', 'session:cacheTtl=2s', 'jwt:alg=HS256', 'session:cacheTtl=30s', 'better-auth:cookieCache=on'],
    ...['--profile', 'quick'],
    ...['--restarts', '1', '--rounds', '1', '--sessions', '100', '--users', '50', '--postgres', 'embedded'],
  ])
  expect(await harness.ended).toBe(0)
  const { checks, warnings } = resultsSchema.parse(harness.results())
  const events = ['logout', 'role-change', 'user-deletion']
  const formula = expect.any(String)
  const lagMs = expect.any(Number)
  const own = { lagMs, formula }
  const shortened = { ...own, lifetimeS: 2 }
  expect(checks.revocation).toEqual([
    ...events.map((event) => ({ variant: 'session:cacheTtl=2s', event, ...own, atMostMs: 2000 })),
    ...events.map((event) => ({ variant: 'jwt:alg=HS256', event, ...shortened, atMostMs: 900_000 })),
    ...events.map((event) => ({ variant: 'session:cacheTtl=30s', event, ...shortened, atMostMs: 30_000 })),
    ...events.map((event) => ({ variant: 'better-auth:cookieCache=on', event, ...shortened, atMostMs: 300_000 })),
  ])
  for (const { lagMs } of checks.revocation ?? []) expect(lagMs).toBeGreaterThan(0)
  expect(harness.stdout).toContain('of a 2 s lifetime')
  expect(warnings.filter(({ code }) => code === 'revocation-promise-broken')).toEqual([])
}, 180_000)
