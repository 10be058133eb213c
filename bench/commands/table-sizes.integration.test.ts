import { expect, test } from 'vitest'
import { resultsSchema } from '../record/run.ts'
import { HarnessProcess } from './harness-process.fixture.ts'

test('tables of several sizes are filled, answered from with the right sessions, and compared', async () => {
  await using harness = new HarnessProcess([
    ...['run', 'session', 'fastify-session', '--vary', 'sessions=500,4000', '--users', '200', '--seed', '5'],
    ...['--profile', 'quick', '--restarts', '1', '--rounds', '1', '--postgres', 'embedded'],
  ])
  expect([await harness.ended, harness.stderr]).toEqual([0, expect.any(String)])
  const { plan, slices, checks } = resultsSchema.parse(harness.results())
  expect(plan.sessions).toBe(500)
  const sized = plan.variants.filter(({ deployment }) => deployment?.sessions !== undefined)
  expect(sized.map(({ id }) => id)).toEqual([
    ...['session@sessions=500', 'session@sessions=4000'],
    ...['fastify-session@sessions=500', 'fastify-session@sessions=4000'],
  ])
  // A session that is not in the table would be refused, which makes a slice doubtful.
  for (const { id } of sized) {
    const own = slices.filter(({ variant }) => variant === id)
    expect(own.length).toBeGreaterThan(0)
    for (const slice of own) expect(slice).toMatchObject({ errors: 0, non2xx: 0, wrongBodies: 0 })
  }
  // Checked once, not for each size.
  expect(new Set(checks.gate.map(({ variant }) => variant))).toContain('session')
  expect(checks.gate.some(({ variant }) => variant.includes('@'))).toBe(false)
  expect(harness.leftovers()).toEqual([])
}, 240_000)
