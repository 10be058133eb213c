import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CounterSnapshot } from '../../servers/contract/counters.ts'
import { identityBody, seededIdentity } from '../../servers/contract/identity.ts'
import { startTestPostgres, type TestPostgres } from '../../servers/database/postgres.fixture.ts'
import { smallPreparation } from '../../servers/database/prepare.fixture.ts'
import { testConfiguration } from '../../servers/process/server-configuration.fixture.ts'
import { planCpusHere } from '../environment/cpu-plan.ts'
import { pinProcess } from '../environment/pinning.ts'
import { prepareDatabase } from '../launch/database-preparation.ts'
import { ServerProcess } from '../launch/server.ts'
import { createRandom, shuffle } from '../statistics/random.ts'
import { type Interval, restartInterval } from '../statistics/restart-interval.ts'
import { median } from '../statistics/samples.ts'
import { LoadDriver } from './load-driver.ts'

// autocannon is used in a way of its own here (held connections, windows of a quarter second), so it is held against
// plain sockets: the same servers, in turns, several restarts. What a request costs the server must not depend on it.
const variants = ['none', 'synthetic:cpu=10us', 'session'] as const
const drivers = ['autocannon', 'raw'] as const
const restarts = 4
const rounds = 4
const users = 200
const connections = 10
const databaseSchema = 'authcost_agreement'
/**
 * Agreement to this much of the control's own cost is asked for where the interval is narrower: 0.3 us of 12 us, in the
 * time of a machine on which everything takes longer.
 */
const toleranceOfControl = 0.025

interface Cell {
  readonly variant: string
  readonly driver: (typeof drivers)[number]
}

let postgres: TestPostgres
const sessionSecret = randomBytes(32).toString('hex')
const signal = new AbortController().signal

beforeAll(async () => {
  postgres = await startTestPostgres()
  await prepareDatabase(
    { ...smallPreparation(postgres.url, databaseSchema), users, sessions: users, sessionSecret },
    () => {},
    signal,
  )
})
afterAll(() => postgres?.[Symbol.asyncDispose]())

async function startServer(text: string): Promise<ServerProcess> {
  const server = await ServerProcess.start({
    nodeFlags: ['--no-memory-reducer'],
    configuration: await testConfiguration(text, {
      secrets: { sessionSecret },
      databaseUrl: postgres.url,
      databaseSchema,
      applicationName: 'authcost-agreement',
      poolSize: connections,
    }),
  })
  if (text === 'session') await server.warmPool()
  return server
}

const cpuUs = (counters: CounterSnapshot): number => counters.cpuUserUs + counters.cpuSystemUs - counters.readingCpuUs

/** App CPU per request of one window, microseconds. */
async function window(driver: LoadDriver, server: ServerProcess, target: string): Promise<number> {
  const before = await server.snapshot()
  const result = await driver.closedLoop({ target, durationMs: 250, minResponses: 1000, maxDurationMs: 3000 })
  const after = await server.snapshot()
  // Both count the same requests, or the CPU of one would be divided by the requests of another.
  expect(after.requests - before.requests).toBe(result.requests)
  expect(result.requests).toBeGreaterThanOrEqual(1000)
  expect([result.errors, result.non2xx, result.wrongBodies]).toEqual([0, 0, 0])
  return (cpuUs(after) - cpuUs(before)) / result.requests
}

/** One restart: fresh servers, warmed up together, then rounds in random order. */
async function measureRestart(restart: number): Promise<Map<string, number[]>> {
  const servers = new Map<string, ServerProcess>()
  const driver = await LoadDriver.start()
  try {
    await Promise.all(variants.map(async (variant) => servers.set(variant, await startServer(variant))))
    await driver.setPopulation({
      expectedBodies: Array.from({ length: users }, (_, index) => identityBody(seededIdentity(index + 1))),
      zipfExponent: 1,
      seed: 1,
    })
    const cells: Cell[] = variants.flatMap((variant) => drivers.map((name) => ({ variant, driver: name })))
    const nameOf = (cell: Cell): string => `${cell.variant}/${cell.driver}`
    for (const [variant, server] of servers) {
      const requestHeaders = await server.issue({
        fromUserId: 1,
        toUserId: users,
        nowMs: Date.now(),
        lifetimeS: 3600,
        fresh: false,
      })
      await driver.setCredentials({ variant, requestHeaders })
    }
    for (const cell of cells) {
      const url = servers.get(cell.variant)?.url ?? ''
      await driver.open({
        target: nameOf(cell),
        variant: cell.variant,
        urls: [url],
        connections,
        driver: cell.driver,
        walk: '0',
      })
    }
    await driver.warmUp({ targets: cells.map(nameOf), responses: 10_000, maxDurationMs: 4000 })
    const cpus = planCpusHere()
    if (!('absent' in cpus)) {
      for (const server of servers.values()) await pinProcess(server.pid, cpus.servers)
      await pinProcess(driver.child.pid, cpus.driver)
    }
    const costs = new Map(cells.map((cell) => [nameOf(cell), costsOf()]))
    const random = createRandom(20_260_101, `agreement/${restart}`)
    for (let round = 0; round < rounds; round++) {
      for (const cell of shuffle(cells, random)) {
        const server = servers.get(cell.variant)
        if (server !== undefined) costs.get(nameOf(cell))?.push(await window(driver, server, nameOf(cell)))
      }
    }
    return costs
  } finally {
    await driver[Symbol.asyncDispose]()
    await Promise.all([...servers.values()].map((server) => server.stop()))
  }
}

/** autocannon minus plain sockets, app CPU per request, microseconds: the variants for which the two disagree. */
async function disagreeing(attempt: number): Promise<string[]> {
  const measured: Map<string, number[]>[] = []
  for (let restart = 0; restart < restarts; restart++) measured.push(await measureRestart(attempt * restarts + restart))
  const control = median(measured.flatMap((costs) => costs.get('none/raw') ?? []))
  console.info(`control ${control.toFixed(1)} us of app CPU per request`)
  return variants.filter((variant) => {
    const differences = measured.map((costs) => {
      const raw = costs.get(`${variant}/raw`) ?? []
      return (costs.get(`${variant}/autocannon`) ?? []).map((cost, round) => cost - (raw[round] ?? Number.NaN))
    })
    const interval = restartInterval(differences)
    if ('absent' in interval) throw new Error(interval.absent)
    expect(interval.rounds).toBe(restarts * rounds)
    console.info(`${variant}: autocannon minus raw sockets ${inWords(interval)}`)
    const { value, high } = interval
    return Math.abs(value) > Math.max(toleranceOfControl * control, high - value)
  })
}

describe('autocannon against plain sockets', () => {
  it('costs the server the same CPU per request: control, 10 us of known cost, session', async () => {
    const first = await disagreeing(0)
    if (first.length === 0) return
    // Of three intervals of 95 % one misses in every seventh run; it does so again, of the same variant, when it is real.
    console.info(`measured once more because of ${first.join(', ')}`)
    const second = await disagreeing(1)
    expect(first.filter((variant) => second.includes(variant))).toEqual([])
  }, 150_000)
})

const costsOf = (): number[] => []

const inWords = ({ value, low, high }: Interval): string =>
  `${value.toFixed(2)} us of app CPU per request (${low.toFixed(2)} to ${high.toFixed(2)})`
