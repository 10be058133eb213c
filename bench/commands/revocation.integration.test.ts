import { expect, test } from 'vitest'
import { resultsSchema } from '../record/run.ts'
import { HarnessProcess } from './harness-process.fixture.ts'

test('a run records for how long each variant accepts a logged-out credential, and shows it', async () => {
  await using harness = new HarnessProcess([
    ...['run', 'session:cacheTtl=2s', 'jwt:alg=HS256', '--profile', 'quick'],
    ...['--restarts', '1', '--rounds', '1', '--sessions', '100', '--users', '50', '--postgres', 'embedded'],
  ])
  expect(await harness.ended).toBe(0)
  const { checks } = resultsSchema.parse(harness.results())
  expect(checks.revocation).toEqual([
    {
      variant: 'session:cacheTtl=2s',
      event: 'logout',
      lagMs: expect.any(Number),
      atMostMs: 2000,
      formula: expect.any(String),
    },
    {
      variant: 'jwt:alg=HS256',
      event: 'logout',
      lagMs: expect.any(Number),
      lifetimeS: 2,
      atMostMs: 900_000,
      formula: expect.any(String),
    },
  ])
  for (const { lagMs } of checks.revocation ?? []) expect(lagMs).toBeGreaterThan(0)
  expect(harness.stdout).toContain('of a 2 s lifetime')
}, 180_000)
