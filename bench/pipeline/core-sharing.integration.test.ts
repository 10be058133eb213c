import { expect, test } from 'vitest'
import { HarnessProcess } from '../commands/harness-process.fixture.ts'
import { resultsSchema } from '../record/run.ts'

test('where servers and Postgres share a core, what that costs a look-up is measured and said', async () => {
  await using harness = new HarnessProcess([
    ...['run', 'session', 'jwt:alg=HS256', '--profile', 'standard', '--lifecycle', 'off', '--postgres', 'embedded'],
    ...['--restarts', '1', '--rounds', '1', '--sessions', '500', '--users', '200'],
  ])
  expect(await harness.ended).toBe(0)
  const { environment, warnings } = resultsSchema.parse(harness.results())
  const { pinning, coreSharing } = environment
  const warned = warnings.find(({ code }) => code === 'shared-core')
  if ('absent' in pinning || pinning.servers !== pinning.database) {
    expect(coreSharing).toBeUndefined()
    expect(warned).toBeUndefined()
    return
  }
  if (coreSharing === undefined || 'absent' in coreSharing) throw new Error('It was not measured.')
  expect(coreSharing).toMatchObject({ variant: 'session', inFlight: 10 })
  for (const place of [coreSharing.shared, coreSharing.apart]) {
    expect(place.appCpuUs).toBeGreaterThan(1)
    expect(place.databaseCpuUs).toBeGreaterThan(1)
  }
  expect(warned?.message).toContain(`${coreSharing.apart.appCpuUs.toFixed(1)} us of app CPU`)
  expect(harness.stdout).toContain('with a core each')
}, 120_000)
