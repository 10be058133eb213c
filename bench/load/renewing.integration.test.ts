import { afterAll, beforeAll, expect, it } from 'vitest'
import { identityBody, seededIdentity } from '../../servers/contract/identity.ts'
import { issueHeaders } from '../../servers/process/issue-headers.ts'
import { type RunningServer, startServer } from '../../servers/process/running-server.ts'
import { testConfiguration } from '../../servers/process/server-configuration.fixture.ts'
import { parseVariant } from '../../servers/strategies/table.ts'
import { missShareOf } from '../estimates/bursty.ts'
import { LoadDriver } from './load-driver.ts'

const users = 100
const variant = parseVariant('jwt:alg=HS256,cache=5000')
let driver: LoadDriver
let server: RunningServer

beforeAll(async () => {
  driver = await LoadDriver.start()
  await driver.setPopulation({
    expectedBodies: Array.from({ length: users }, (_, index) => identityBody(seededIdentity(index + 1))),
    zipfExponent: 1,
    seed: 1,
  })
  server = await startServer(await testConfiguration(variant.id, { accessLifetimeS: 600 }))
})
afterAll(async () => {
  await driver?.[Symbol.asyncDispose]()
  await server?.stop()
})

it('clients that come with new credentials make a cache of verified tokens miss once for each', async () => {
  const own = () =>
    issueHeaders(
      server.strategy,
      { fromUserId: 1, toUserId: users },
      { nowMs: Date.now(), lifetimeS: 600, fresh: false },
    )
  const url = `http://127.0.0.1:${server.port}`
  await driver.setCredentials({ variant: variant.id, requestHeaders: await own() })
  await driver.setRenewals({ variant: variant.id, generations: await Promise.all(Array.from({ length: 20 }, own)) })
  const open = { variant: variant.id, urls: [url], connections: 8, driver: 'open-loop' as const, walk: '0' }
  const misses = async (target: string): Promise<number> => {
    const before = server.strategy.counters?.().cacheMisses ?? 0
    const load = { target, requestsPerSecond: 1000, durationMs: 1000, arrivals: 'poisson', seed: 1 } as const
    const { requests, wrongBodies, non2xx } = await driver.openLoop(load)
    expect({ wrongBodies, non2xx }).toEqual({ wrongBodies: 0, non2xx: 0 })
    return ((server.strategy.counters?.().cacheMisses ?? 0) - before) / requests
  }
  await driver.open({ ...open, target: 'kept' })
  await misses('kept')
  // Every user has been asked for by then, but for the rarest.
  expect(await misses('kept')).toBeLessThan(0.05)
  await driver.open({ ...open, target: 'renewing', renewEveryMs: 100 })
  await misses('renewing')
  const share = await misses('renewing')
  const expected = missShareOf(1000, 100, users, 1)
  expect(share).toBeGreaterThan(0.8 * expected)
  expect(share).toBeLessThan(1.2 * expected)
})

it('clients whose credential lapses come once without it whenever its time is over', async () => {
  const credentials = { fromUserId: 1, toUserId: users }
  const times = { nowMs: Date.now(), lifetimeS: 600, fresh: false }
  const held = await issueHeaders(server.strategy, credentials, times)
  await driver.setCredentials({ variant: 'lapsing', requestHeaders: held })
  await driver.setRenewals({ variant: 'lapsing', generations: [held], lapsed: held.map(() => ({})) })
  const urls = [`http://127.0.0.1:${server.port}`]
  const open = { target: 'lapsing', variant: 'lapsing', urls, connections: 8, driver: 'open-loop', walk: '0' } as const
  await driver.open({ ...open, renewEveryMs: 100 })
  const load = { target: 'lapsing', requestsPerSecond: 1000, arrivals: 'poisson', seed: 1 } as const
  await driver.openLoop({ ...load, durationMs: 500 })
  const shareOf = async (more: { readonly lapsedShare?: number } = {}) => {
    const { requests, non2xx } = await driver.openLoop({ ...load, ...more, durationMs: 1000 })
    return non2xx / requests
  }
  const expected = missShareOf(1000, 100, users, 1)
  const byTheirTime = await shareOf()
  expect(byTheirTime).toBeGreaterThan(0.8 * expected)
  expect(byTheirTime).toBeLessThan(1.2 * expected)
  expect(await shareOf({ lapsedShare: 0.05 })).toBeCloseTo(0.05, 1)
  expect(await shareOf({ lapsedShare: 1 })).toBe(1)
})

it('says for which variant it was given no new credentials', async () => {
  await driver.setCredentials({ variant: 'other', requestHeaders: [{}] })
  const open = { variant: 'other', connections: 1, driver: 'open-loop', walk: '0', renewEveryMs: 100 } as const
  await expect(driver.open({ ...open, target: 'none', urls: [`http://127.0.0.1:${server.port}`] })).rejects.toThrow(
    'no new credentials for other',
  )
})
