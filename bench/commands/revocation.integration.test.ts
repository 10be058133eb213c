import { expect, test } from 'vitest'
import { resultsSchema } from '../record/run.ts'
import { HarnessProcess } from './harness-process.fixture.ts'

test('a run records for how long each variant accepts an old credential after each event, and shows it', async () => {
  await using harness = new HarnessProcess([
    ...['run', 'session:cacheTtl=2s', 'jwt:alg=HS256', '--profile', 'quick'],
    ...['--restarts', '1', '--rounds', '1', '--sessions', '100', '--users', '50', '--postgres', 'embedded'],
  ])
  expect(await harness.ended).toBe(0)
  const { checks, warnings } = resultsSchema.parse(harness.results())
  const events = ['logout', 'role-change', 'user-deletion']
  const formula = expect.any(String)
  const lagMs = expect.any(Number)
  expect(checks.revocation).toEqual([
    ...events.map((event) => ({ variant: 'session:cacheTtl=2s', event, lagMs, atMostMs: 2000, formula })),
    ...events.map((event) => ({ variant: 'jwt:alg=HS256', event, lagMs, lifetimeS: 2, atMostMs: 900_000, formula })),
  ])
  for (const { lagMs } of checks.revocation ?? []) expect(lagMs).toBeGreaterThan(0)
  expect(harness.stdout).toContain('of a 2 s lifetime')
  expect(warnings.filter(({ code }) => code === 'revocation-promise-broken')).toEqual([])
}, 180_000)
