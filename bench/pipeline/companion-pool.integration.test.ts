import { randomBytes } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startTestPostgres, type TestPostgres } from '../../servers/database/postgres.fixture.ts'
import { smallPreparation } from '../../servers/database/prepare.fixture.ts'
import { tokenLayout } from '../../servers/strategies/introspection.ts'
import { type DatabaseCounters, openDatabaseCounters } from '../environment/database-counters.ts'
import { prepareDatabase } from '../launch/database-preparation.ts'
import { makePlan, plannedVariants } from '../plan/plan.ts'
import { createSecrets } from './admission.ts'
import { needsPool, startServer } from './started-server.ts'

const databaseSchema = 'authcost_companion_pool'
const plan = makePlan({ profile: 'quick', variants: ['introspection'], vary: ['pool=3,1,5'], seed: 1 })
let postgres: TestPostgres
let counters: DatabaseCounters

beforeAll(async () => {
  postgres = await startTestPostgres()
  await prepareDatabase(
    { ...smallPreparation(postgres.url, databaseSchema), sessionLayouts: [tokenLayout] },
    () => {},
    new AbortController().signal,
  )
  counters = await openDatabaseCounters({ url: postgres.url, own: true })
}, 120_000)
afterAll(async () => {
  await counters?.[Symbol.asyncDispose]()
  await postgres?.[Symbol.asyncDispose]()
})

/** A backend takes a moment to end. */
async function backendsOf(applicationName: string, expected: number): Promise<number | undefined> {
  for (let tries = 0; ; tries++) {
    const cpu = await counters.backendCpu(applicationName)
    const backends = 'absent' in cpu ? undefined : cpu.backends.size
    if (backends === expected || tries === 100) return backends
    await setTimeout(10)
  }
}

it('an auth service asks Postgres over as many connections as the pool of each variant has', async () => {
  const [first] = plannedVariants(plan).filter(({ role }) => role === 'candidate')
  if (first === undefined) throw new Error('the plan has introspection')
  const secrets = await createSecrets(plan, randomBytes(32).toString('hex'))
  const surroundings = { plan, databaseUrl: postgres.url, databaseSchema, secrets, pin: async () => {} }
  const started = await startServer(first, surroundings, [])
  try {
    await started.warm({ pool: needsPool(first) })
    expect(await backendsOf(started.applicationName, 3)).toBe(3)
    for (const size of [1, 5]) {
      await started.setPoolSize(size)
      await started.warm({ pool: true })
      expect(await backendsOf(started.applicationName, size)).toBe(size)
    }
  } finally {
    await started.stop()
  }
}, 60_000)
