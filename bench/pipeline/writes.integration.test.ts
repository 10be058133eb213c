import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { identityBody, seededIdentity } from '../../servers/contract/identity.ts'
import { distinctLayouts } from '../../servers/contract/session-layout.ts'
import { startTestPostgres, type TestPostgres } from '../../servers/database/postgres.fixture.ts'
import { type DatabaseCounters, openDatabaseCounters } from '../environment/database-counters.ts'
import { prepareDatabase } from '../launch/database-preparation.ts'
import { LoadDriver } from '../load/load-driver.ts'
import { makePlan, plannedVariants } from '../plan/plan.ts'
import type { WriteCount } from '../record/run.ts'
import { createSecrets } from './admission.ts'
import { issueForRun, needsPool, runLifetimeS, type ServerSurroundings, startServer } from './started-server.ts'
import { countWrites, writingEvents } from './writes.ts'

const variants = ['session', 'session:touch=always', 'session:touch=900s', 'jwt:alg=HS256,denylist=postgres']
const databaseSchema = 'authcost_writes'
const sessionSecret = randomBytes(32).toString('hex')
const plan = makePlan({ profile: 'quick', variants, users: 200, sessions: 1000, seed: 1 })
const candidates = plannedVariants(plan).filter(({ role }) => role === 'candidate')
const seldom = candidates.find(({ key }) => /touch=(?!always)/.test(key))?.key ?? ''
let postgres: TestPostgres
let counters: DatabaseCounters
let driver: LoadDriver
let counts: readonly WriteCount[] = []

beforeAll(async () => {
  postgres = await startTestPostgres()
  const { signal } = new AbortController()
  const sessionLayouts = distinctLayouts(candidates.map(({ variant }) => variant.sessionLayout))
  const { users, sessions } = plan
  await prepareDatabase(
    {
      databaseUrl: postgres.url,
      databaseSchema,
      users,
      sessions,
      sessionSecret,
      sessionLifetimeS: runLifetimeS,
      writes: false,
      sessionLayouts,
    },
    () => {},
    signal,
  )
  counters = await openDatabaseCounters({ url: postgres.url, own: true })
  driver = await LoadDriver.start()
  await driver.setPopulation({
    expectedBodies: Array.from({ length: users }, (_, index) => identityBody(seededIdentity(index + 1))),
    zipfExponent: 1,
    seed: 1,
  })
  const surroundings: ServerSurroundings = {
    plan,
    databaseUrl: postgres.url,
    databaseSchema,
    secrets: await createSecrets(plan, sessionSecret),
    pin: async () => {},
  }
  for (const planned of candidates) {
    const started = await startServer(planned, surroundings, [])
    await started.warm({ pool: needsPool(planned) })
    const requestHeaders = await issueForRun(started.server, users)
    await driver.setCredentials({ variant: planned.variant.id, requestHeaders })
    await started.stop()
  }
  counts = await countWrites(
    candidates.map((planned) => ({
      planned,
      checks: [],
      queryCount: undefined,
      credentialBytes: undefined,
      state: 'measured' as const,
    })),
    {
      surroundings,
      driver,
      signal,
      read: () => counters.writes(databaseSchema),
      ended: (applicationName) => counters.backendsEnded(applicationName),
      onVariant: () => {},
    },
  )
}, 180_000)
afterAll(async () => {
  await driver?.[Symbol.asyncDispose]()
  await counters?.[Symbol.asyncDispose]()
  await postgres?.[Symbol.asyncDispose]()
})

function writtenBy(text: string, event: WriteCount['event'] = 'request') {
  const id = candidates.find(({ key }) => key === text)?.key
  const written = counts.find((count) => count.variant === id && count.event === event)?.written
  if (written === undefined || 'absent' in written) throw new Error(`${text}: ${written?.absent ?? 'not counted'}`)
  return written
}

describe('what requests write', () => {
  it('is not looked for where nothing is written', () => {
    expect(candidates.filter(({ key }) => key === 'session').flatMap(writingEvents)).toEqual([])
    expect(counts.map(({ variant }) => variant)).not.toContain('session')
  })

  it('is one update a request where each use is written, most of them without a new index entry', () => {
    const written = writtenBy('session:touch=always')
    expect(written.requests).toBeGreaterThanOrEqual(3000)
    expect(written.updated).toBe(written.requests)
    expect(written.inserted + written.deleted).toBe(0)
    expect(written.hotUpdated).toBeGreaterThan(0)
    expect(written.hotUpdated).toBeLessThanOrEqual(written.updated)
    // An update cannot be logged in less than its header and its row.
    expect(written.walBytes / written.requests).toBeGreaterThan(50)
  })

  it('is next to nothing where a use is written once in a quarter of an hour, and was written by the pass that is not counted', () => {
    const written = writtenBy(seldom)
    expect(written.requests).toBeGreaterThanOrEqual(3000)
    expect(written.updated).toBeLessThan(written.requests / 10)
  })

  it('is said to go by the clock where it does', () => {
    expect(counts.find(({ variant }) => variant === seldom)?.everyMs).toBe(900_000)
    expect(counts.filter(({ everyMs }) => everyMs !== undefined)).toHaveLength(1)
  })

  it('is no row where a denylist is read', () => {
    const written = writtenBy('jwt:alg=HS256,denylist=postgres')
    expect(written.inserted + written.updated + written.deleted).toBe(0)
  })
})

it('a logout writes its token into the denylist, and ends its family of refresh tokens', () => {
  const written = writtenBy('jwt:alg=HS256,denylist=postgres', 'logout')
  expect(written).toMatchObject({ requests: plan.users, inserted: plan.users })
  expect(written.updated).toBe(plan.users)
  expect(written.walBytes / written.requests).toBeGreaterThan(100)
})
