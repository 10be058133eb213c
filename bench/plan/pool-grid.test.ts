import { describe, expect, it } from 'vitest'
import { furtherTableSizes, plannedVariants } from './plan.ts'
import { measurablePoolPlan, poolTuningPlan } from './pool-grid.ts'

describe('the plan of tune pool', () => {
  it('measures every pool at every distance, tokens once beside them, in closed loops only', () => {
    const plan = poolTuningPlan({ pool: '2,5', dbDelay: '0,1ms', connections: '1,8', tokens: 'ES256', seed: 1 })
    expect(plan.purpose).toBe('tune-pool')
    expect(plannedVariants(plan).map(({ key }) => key)).toEqual([
      'none',
      'none#twin',
      'session@dbDelay=0,pool=2',
      'session@dbDelay=0,pool=5',
      'session@dbDelay=1ms,pool=2',
      'session@dbDelay=1ms,pool=5',
      'jwt:alg=ES256',
    ])
    expect(plan.loads.map((load) => [load.mode, load.mode === 'saturation' && load.connections])).toEqual([
      ['saturation', 1],
      ['saturation', 8],
    ])
  })

  it('has enough levels for a scalability curve by default, and cells that fit a few minutes', () => {
    const plan = poolTuningPlan({})
    expect(plan.loads.length).toBeGreaterThanOrEqual(5)
    expect(plannedVariants(plan).some(({ deployment }) => deployment?.poolSize === 10)).toBe(true)
  })

  it.each(['sealed', 'session:store=redis'])('refuses what has no pool to tune: %s', (text) => {
    expect(() => poolTuningPlan({ variants: [text] })).toThrow(/no pool to tune/)
    expect(() => poolTuningPlan({ variants: ['session', text] })).toThrow(/no pool to tune/)
  })

  it('measures every pool over tables of several sizes, and fills one of each', () => {
    const plan = poolTuningPlan({ pool: '2,5', sessions: '20000,5000', tokens: 'ES256', seed: 1 })
    expect(plannedVariants(plan).map(({ key }) => key)).toEqual([
      'none',
      'none#twin',
      'session@sessions=20000,pool=2',
      'session@sessions=20000,pool=5',
      'session@sessions=5000,pool=2',
      'session@sessions=5000,pool=5',
      'jwt:alg=ES256',
    ])
    expect(plan.sessions).toBe(5000)
    expect(furtherTableSizes(plan)).toEqual([20_000])
  })

  it('takes one size as that of every table', () => {
    const plan = poolTuningPlan({ pool: '2,5', sessions: '20000', seed: 1 })
    expect(plan.sessions).toBe(20_000)
    expect(furtherTableSizes(plan)).toEqual([])
    expect(plannedVariants(plan).some(({ deployment }) => deployment?.sessions !== undefined)).toBe(false)
  })

  it('measures every pool with several app instances where there are cores for them, and tokens once', () => {
    const asked = { pool: '2,5', instances: '1,2', tokens: 'ES256', seed: 1 }
    const { plan, leftOut } = measurablePoolPlan(asked, () => 2)
    expect(leftOut).toBeUndefined()
    expect(plan.serverCores).toBe(2)
    expect(plannedVariants(plan).map(({ key }) => key)).toEqual([
      'none',
      'none#twin',
      'session@instances=1,pool=2',
      'session@instances=1,pool=5',
      'session@instances=2,pool=2',
      'session@instances=2,pool=5',
      'jwt:alg=ES256',
    ])
  })

  it('measures the rest where there are no cores for app instances, and says so', () => {
    const few = () => ({ absent: 'not measurable on 2 cores: several need one each for Postgres and driver besides' })
    const { plan, leftOut } = measurablePoolPlan({ pool: '2,5', instances: '2', tokens: 'none', seed: 1 }, few)
    expect(leftOut).toMatch(/^App instances are not measurable on 2 cores: .*The rest is measured with one\.$/)
    expect(plan.serverCores).toBeUndefined()
    expect(plannedVariants(plan).map(({ key }) => key)).toEqual([
      'none',
      'none#twin',
      'session@pool=2',
      'session@pool=5',
    ])
  })

  it('refuses a table with fewer sessions than users', () => {
    expect(() => poolTuningPlan({ sessions: '1000,20000', users: 2000 })).toThrow(/every user needs a session/)
  })

  it('leaves tokens out where none are wanted', () => {
    expect(plannedVariants(poolTuningPlan({ tokens: 'none' })).some(({ key }) => key.startsWith('jwt'))).toBe(false)
  })
})
