import { describe, expect, it } from 'vitest'
import { parseVariant } from '../../servers/strategies/table.ts'
import { type PlannedServer, serversOf } from './order.ts'
import { makePlan, type Plan } from './plan.ts'
import { mostGateConnections, mostPoolConnections } from './pool-connections.ts'

const planOf = (variants: string[], more: object = {}): Plan =>
  makePlan({ profile: 'quick', variants, seed: 7, ...more })

/** What warming opens: the largest pool of each server whose requests ask Postgres, in each instance. */
const opened = (plan: Plan, servers: readonly PlannedServer[]): number =>
  servers
    .filter(({ serves }) => serves[0]?.variant.strategy === 'session')
    .map(({ serves }) => {
      const largest = Math.max(...serves.map(({ deployment }) => deployment?.poolSize ?? plan.poolSize))
      return largest * (serves[0]?.deployment?.instances ?? 1)
    })
    .reduce((sum, size) => sum + size, 0)

describe('the connections counted beforehand', () => {
  it.each([
    ['pools at two distances', ['pool=1,2,5,10,20,50', 'dbDelay=0,2ms']],
    ['app instances', ['instances=1,2,4', 'pool=2,5,10']],
  ])('are as many as %s can hold, whoever serves whom, and few more', (_, vary) => {
    const plan = planOf(['session', 'jwt:alg=HS256'], { vary })
    const held = plan.sets.flatMap((_set, set) =>
      Array.from({ length: 40 }, (_restart, restart) => opened(plan, serversOf(plan, set, restart))),
    )
    expect(mostPoolConnections(plan)).toBeGreaterThanOrEqual(Math.max(...held))
    // Control, twin and the token.
    expect(mostPoolConnections(plan)).toBeLessThanOrEqual(Math.max(...held) + 6)
  })

  it('are a full pool only of who asks Postgres on requests', () => {
    expect(mostPoolConnections(planOf(['session', 'jwt:alg=HS256', 'sealed'], { poolSize: 50 }))).toBe(50 + 4 * 2)
    expect(mostPoolConnections(planOf(['jwt:alg=HS256,denylist=postgres'], { poolSize: 50 }))).toBe(50 + 2 * 2)
  })

  it('are the pool of the auth service, where requests ask it, however many instances share it', () => {
    expect(mostPoolConnections(planOf(['introspection'], { poolSize: 50 }))).toBe(50 + 3 * 2)
    expect(mostPoolConnections(planOf(['introspection'], { poolSize: 50, vary: ['instances=2'] }))).toBe(50 + 4 * 2)
  })

  it('are full pools where bad credentials are made by many sign-ins at once', () => {
    expect(mostPoolConnections(planOf(['jwt:alg=HS256'], { poolSize: 50, badShare: '10%' }))).toBe(50 + 2 * 2)
  })

  it('are full pools of strategy files, which alone know what they open', () => {
    const own = { ...parseVariant('jwt:alg=HS256'), id: './own.ts', file: '/own.ts' }
    const plan = makePlan({ variants: ['./own.ts'], poolSize: 50, seed: 7 }, new Map([['./own.ts', own]]))
    expect(mostPoolConnections(plan)).toBe(50 + 2 * 2)
  })

  it('of servers that are checked have the pool of the plan, and as many servers at a time as may be', () => {
    const lookups = ['', ':touch=always', ':cacheTtl=1s', ':cacheTtl=2s', ':cacheTtl=3s', ':cacheTtl=4s']
    const plan = planOf([...lookups, ':cacheTtl=5s', ':cacheTtl=6s', ':cacheTtl=7s'].map((one) => `session${one}`))
    expect(mostGateConnections(plan)).toBe(8 * 10)
    expect(mostGateConnections(planOf(['session'], { vary: ['pool=1,50'] }))).toBe(10 + 2 * 5)
  })
})
