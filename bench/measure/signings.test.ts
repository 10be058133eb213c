import { expect, it } from 'vitest'
import { makePlan } from '../plan/plan.ts'
import { fakeServers } from './fake-servers.fixture.ts'
import type { MeasuredServer } from './probes.ts'
import { credentialsAtOnce, measureSignings } from './signings.ts'

const plan = makePlan({ profile: 'quick', variants: ['jwt:alg=HS256', 'jwt:alg=RS256'], seed: 3 })
const place = { set: 0, restart: 2, group: 'default' } as const
const keys = (plan.sets[0] ?? []).map(({ key }) => key)

/** Servers that take a known time to sign, and twice as long before they are warm. */
function signing(us: number): {
  readonly server: Pick<MeasuredServer, 'issue' | 'snapshot'>
  readonly calls: number[]
} {
  const [fake] = fakeServers({ a: () => 12 }).servers
  if (fake === undefined) throw new Error('no fake server')
  const calls: number[] = []
  let cpuUserUs = 0
  return {
    calls,
    server: {
      issue: async (credentials) => {
        cpuUserUs += credentials * us * (calls.length === 0 ? 2 : 1)
        calls.push(credentials)
      },
      snapshot: async () => ({ ...(await fake.snapshot()), cpuUserUs, cpuSystemUs: 0, readingCpuUs: 0 }),
    },
  }
}

it('has every server issue in rounds, the first of which is not counted', async () => {
  const servers = new Map(keys.map((key, index) => [key, signing(10 * (index + 1))]))
  const signings = await measureSignings(
    {
      serverOf: (key) => {
        const server = servers.get(key)?.server
        return server === undefined ? undefined : { key, applicationName: key, ...server }
      },
    },
    { plan, place, signal: new AbortController().signal },
  )
  expect(signings).toHaveLength(3 * keys.length)
  for (const { variant, set, restart, credentials, cpuUs } of signings) {
    expect({ set, restart, credentials }).toEqual({ set: 0, restart: 2, credentials: credentialsAtOnce })
    expect(cpuUs).toBeCloseTo(credentialsAtOnce * 10 * (keys.indexOf(variant) + 1))
  }
  expect([...servers.values()].map(({ calls }) => calls.length)).toEqual(keys.map(() => 4))
  // The order is drawn, and the same for the same seed.
  const orders = [0, 1, 2].map((round) => signings.filter((one) => one.round === round).map(({ variant }) => variant))
  for (const order of orders) expect([...order].sort()).toEqual([...keys].sort())
})

it('leaves out who was left out by the gate, and stops when it is told to', async () => {
  const { server } = signing(10)
  const one = { serverOf: (key: string) => (key === keys[0] ? { key, applicationName: key, ...server } : undefined) }
  const found = await measureSignings(one, { plan, place, signal: new AbortController().signal })
  expect(new Set(found.map(({ variant }) => variant))).toEqual(new Set([keys[0]]))
  await expect(measureSignings(one, { plan, place, signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow(
    'enough',
  )
})
