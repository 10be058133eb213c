import { randomBytes } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CounterSnapshot } from '../../servers/contract/counters.ts'
import { identityBody, seededIdentity } from '../../servers/contract/identity.ts'
import { startTestPostgres, type TestPostgres } from '../../servers/database/postgres.fixture.ts'
import { smallPreparation } from '../../servers/database/prepare.fixture.ts'
import { type DatabaseCounters, openDatabaseCounters } from '../environment/database-counters.ts'
import { prepareDatabase } from '../launch/database-preparation.ts'
import { LoadDriver } from '../load/load-driver.ts'
import type { LoadResult } from '../load/protocol.ts'
import { DriverLoad } from '../measure/driver-load.ts'
import { reading } from '../measure/fake-servers.fixture.ts'
import type { Probes } from '../measure/probes.ts'
import { measureRestart } from '../measure/restart.ts'
import { serversOf } from '../plan/order.ts'
import { makePlan, plannedVariants } from '../plan/plan.ts'
import { checkedKey, type PlannedVariant } from '../plan/planned-variant.ts'
import type { Slice } from '../record/slice.ts'
import { createSecrets } from './admission.ts'
import { startSet } from './server-set.ts'
import { needsPool, runLifetimeS, type ServerSurroundings, type StartedServer, startServer } from './started-server.ts'

// Several instances on the one core that a small machine has for servers measure nothing; what is counted holds anywhere.
const databaseSchema = 'authcost_instances'
const sessionSecret = randomBytes(32).toString('hex')
const users = 200
const plan = makePlan({
  profile: 'quick',
  variants: ['session', 'jwt:alg=ES256'],
  vary: ['instances=1,2', 'pool=2,3'],
  rounds: 1,
  slice: '100ms',
  users,
  sessions: 1000,
  seed: 1,
})
const planned = plannedVariants(plan)
let postgres: TestPostgres
let counters: DatabaseCounters
let driver: LoadDriver
let surroundings: ServerSurroundings

beforeAll(async () => {
  postgres = await startTestPostgres()
  await prepareDatabase(
    { ...smallPreparation(postgres.url, databaseSchema), users, sessions: 1000, sessionSecret },
    () => {},
    new AbortController().signal,
  )
  counters = await openDatabaseCounters({ url: postgres.url, own: true })
  driver = await LoadDriver.start()
  await driver.setPopulation({
    expectedBodies: Array.from({ length: users }, (_, index) => identityBody(seededIdentity(index + 1))),
    zipfExponent: 1,
    seed: 1,
  })
  surroundings = {
    plan,
    databaseUrl: postgres.url,
    databaseSchema,
    secrets: await createSecrets(plan, sessionSecret),
    pin: async () => {},
  }
  // Once for each variant, by a server that none of the measured ones is.
  const checked = new Map(planned.map((one) => [checkedKey(one), one.variant]))
  for (const variant of checked.values()) {
    const issuing: PlannedVariant = { key: variant.id, role: 'candidate', variant }
    const { server, warm, stop } = await startServer(issuing, surroundings, [])
    await warm({ pool: needsPool(issuing) })
    const request = { fromUserId: 1, toUserId: users, nowMs: Date.now(), lifetimeS: runLifetimeS, fresh: false }
    await driver.setCredentials({ variant: variant.id, requestHeaders: await server.issue(request) })
    await stop()
  }
}, 120_000)
afterAll(async () => {
  await driver?.[Symbol.asyncDispose]()
  await counters?.[Symbol.asyncDispose]()
  await postgres?.[Symbol.asyncDispose]()
})

const two = (strategy: string): PlannedVariant => {
  const found = planned.find(({ role, variant }) => role === 'candidate' && variant.strategy === strategy)
  if (found === undefined) throw new Error(`the plan has ${strategy}`)
  return { ...found, deployment: { instances: 2, poolSize: 3 } }
}

/** Two instances, connected to the driver. */
async function startTwo(variant: PlannedVariant, connections: number) {
  const started = await startServer(variant, surroundings, [])
  await started.warm({ pool: needsPool(variant) })
  const urls = started.instances.map(({ url }) => url)
  const load = new DriverLoad(driver, [{ key: variant.key, urls, credentials: variant.variant.id }], 'instances')
  await load.open(new Set(['saturation', 'fixed-rate']), connections)
  return {
    started,
    load,
    [Symbol.asyncDispose]: async () => {
      await load.close()
      await started.stop()
    },
  }
}

/** What the load was answered, by both as one server and by each. */
async function counted({ snapshot, instances }: StartedServer, work: () => Promise<LoadResult>) {
  const read = () => Promise.all([snapshot(), ...instances.map((instance) => instance.snapshot())])
  const before = await read()
  const result = await work()
  const after = await read()
  const difference = (of: (snapshot: CounterSnapshot) => number): number[] =>
    after.map((one, index) => of(one) - (before[index] === undefined ? Number.NaN : of(before[index])))
  const [together, ...byInstance] = difference(({ requests }) => requests)
  return { result, together, byInstance, queries: difference(({ queries }) => queries)[0] }
}

/** A backend takes a moment to end. */
async function backendsOf(started: StartedServer, expected: number): Promise<number | undefined> {
  for (let tries = 0; ; tries++) {
    const cpu = await counters.backendCpu(started.applicationName)
    const backends = 'absent' in cpu ? undefined : cpu.backends.size
    if (backends === expected || tries === 100) return backends
    await setTimeout(10)
  }
}

const unharmed = { errors: 0, non2xx: 0, wrongBodies: 0 }

describe('two app instances', () => {
  it('of a session share one database and the load, and count as one server', async () => {
    const session = two('session')
    await using running = await startTwo(session, 4)
    const { started, load } = running
    expect(started.instances).toHaveLength(2)
    expect(await backendsOf(started, 6)).toBe(6)
    const { result, together, byInstance, queries } = await counted(started, () =>
      load.saturate(session.key, { durationMs: 300, minResponses: 200, maxDurationMs: 5000 }),
    )
    expect(result).toMatchObject(unharmed)
    expect(together).toBe(result.requests)
    expect(queries).toBe(result.requests)
    expect(byInstance).toHaveLength(2)
    for (const requests of byInstance) expect(requests).toBeGreaterThan(result.requests / 10)
    await started.setPoolSize(1)
    await started.warm({ pool: true })
    expect(await backendsOf(started, 2)).toBe(2)
  }, 60_000)

  it('get the requests of the open loop in turn, though few connections are busy', async () => {
    const session = two('session')
    await using running = await startTwo(session, 2)
    const { result, together, byInstance } = await counted(running.started, () =>
      running.load.openLoop(session.key, { requestsPerSecond: 300, durationMs: 400, arrivals: 'uniform', seed: 1 }),
    )
    expect(result).toMatchObject(unharmed)
    expect(together).toBe(result.requests)
    // In turn, unless a stall kept every connection of one busy.
    for (const requests of byInstance) expect(requests).toBeGreaterThan(result.requests / 4)
  }, 60_000)

  it('accept tokens that neither of them signed', async () => {
    const jwt = two('jwt')
    await using running = await startTwo(jwt, 2)
    const { result, byInstance } = await counted(running.started, () =>
      running.load.saturate(jwt.key, { durationMs: 200, minResponses: 200, maxDurationMs: 5000 }),
    )
    expect(result).toMatchObject(unharmed)
    for (const requests of byInstance) expect(requests).toBeGreaterThan(0)
  }, 60_000)
})

it('a restart measures each number of instances with the pool that its variant wants', async () => {
  const probes: Probes = {
    database: async (applicationName) => {
      const cpu = await counters.backendCpu(applicationName)
      return 'absent' in cpu ? cpu : reading({ backends: cpu.backends })
    },
    machine: () => ({ absent: 'not in this test' }),
    sharedCores: undefined,
  }
  await using started = await startSet({
    servers: serversOf(plan, 0, 0),
    surroundings,
    driver,
    group: 'default',
    walk: '0',
    countBackends: async (applicationName) => {
      const cpu = await counters.backendCpu(applicationName)
      return 'absent' in cpu ? undefined : cpu.backends.size
    },
    onDeath: (error) => {
      throw error
    },
  })
  const slices: Slice[] = []
  await measureRestart(started, {
    plan: { ...plan, loads: plan.loads.filter(({ mode }) => mode === 'saturation') },
    place: { set: 0, restart: 0, group: 'default' },
    probes,
    signal: new AbortController().signal,
    idleMs: 0,
    rateOf: () => 1000,
    onWarmUp: () => {},
    onSlice: (slice) => slices.push(slice),
    onFurtherRound: () => {},
    onStart: () => {},
  })
  for (const instances of [1, 2]) {
    for (const pool of [2, 3]) {
      const own = slices.filter(({ variant }) => variant === `session@instances=${instances},pool=${pool}`)
      expect(own.length).toBeGreaterThan(0)
      for (const slice of own) {
        expect(slice).toMatchObject({ ...unharmed, database: { backends: instances * pool } })
        expect(slice.app.requests).toBe(slice.requests)
        expect(slice.app.queries).toBe(slice.requests)
      }
    }
  }
}, 120_000)
