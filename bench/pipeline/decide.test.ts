import { describe, expect, it } from 'vitest'
import { disturbed } from '../estimates/core-speed.fixture.ts'
import { precisionFigures } from '../estimates/precision.ts'
import { exampleResults } from '../estimates/slice.fixture.ts'
import { exampleSweep } from '../estimates/tuning/pool-sweep.fixture.ts'
import { makePlan } from '../plan/plan.ts'
import { planFromFile, planToFile } from '../plan/plan-file.ts'
import { poolTuningPlan } from '../plan/pool-grid.ts'
import { predictRestarts } from '../plan/predict.ts'
import { type Decision, decideSoFar, makeDecide } from './decide.ts'

const recordOf = (restarts: number) => exampleResults({ restarts, estimated: false, doubtfulShare: 0 })

const all = (restarts: number) => ({ whole: restarts, begun: restarts })

/** Asks after `restarts` restarts of ten seconds each, the first of them in an earlier part of the run. */
function ask(
  input: Parameters<typeof makePlan>[0],
  restarts: number,
  earlier = 0,
  whole = restarts,
): Decision | undefined {
  let nowMs = 0
  const decide = makeDecide(makePlan({ seed: 1, ...input }), earlier, () => nowMs)
  nowMs = (restarts - earlier) * 10_000
  return decide?.(recordOf(restarts), { whole, begun: restarts })
}

describe('--precision', () => {
  it('is not asked for without the option: the plan decides', () => {
    expect(makeDecide(makePlan({ seed: 1, restarts: 10 }))).toBeUndefined()
  })

  it('stops as soon as every cost is narrow enough, without a warning', () => {
    expect(ask({ precision: '500us' }, 8)).toEqual({ stop: true, warnings: [] })
  })

  it('never stops before the eighth restart, however narrow', () => {
    expect(ask({ precision: '500us' }, 7)).toEqual({ stop: false, warnings: [] })
  })

  it('does not count a restart that was cut short, in an earlier part of a run that goes on', () => {
    expect(ask({ precision: '500us' }, 8, 3, 7)).toEqual({ stop: false, warnings: [] })
    expect(ask({ precision: '500us' }, 9, 3, 8)).toEqual({ stop: true, warnings: [] })
    // Its plan has as many restarts more as were cut short.
    const decision = ask({ precision: '0.01us', restarts: 10 }, 10, 3, 9)
    expect(decision?.warnings[0]?.message).toContain('not reached in 9 restarts')
    expect(ask({ precision: '0.01us', restarts: 11 }, 10, 3, 9)?.stop).toBe(false)
  })

  it('goes on while a cost is too wide and time is left', () => {
    expect(ask({ precision: '0.01us', maxTime: '10m' }, 9)).toEqual({ stop: false, warnings: [] })
  })

  it('stops before a restart that would end too late, and says which figures are too wide and what it would take', () => {
    const decision = ask({ precision: '0.01us', maxTime: '95s' }, 9)
    expect(decision?.stop).toBe(true)
    const [warning] = decision?.warnings ?? []
    expect(warning).toMatchObject({ code: 'precision-not-reached', severity: 'high' })
    expect(warning?.message).toMatch(/precision of 0\.01us was not reached in 9 restarts/)
    expect(warning?.message).toMatch(/app CPU cost of session at saturation/)
    expect(warning?.message).toMatch(/it would take about \d+ restarts/)
    expect(warning?.remedy).toContain('--max-time')
  })

  it('takes the length of a restart from this part of a run that goes on', () => {
    expect(ask({ precision: '0.01us', maxTime: '25s' }, 9, 8)).toEqual({ stop: false, warnings: [] })
    expect(ask({ precision: '0.01us', maxTime: '19s' }, 9, 8)?.stop).toBe(true)
  })

  it('stops at the restarts that were given as the most', () => {
    const decision = ask({ precision: '0.01us', restarts: 10 }, 10)
    expect(decision?.stop).toBe(true)
    expect(decision?.warnings).toHaveLength(1)
  })

  it('stops on a disturbed machine as well, and says where intervals are wider than was asked for', () => {
    const { slices, ...record } = recordOf(10)
    const slow = { ...record, slices: disturbed(slices) }
    const widest = Math.max(...precisionFigures(slow).map(({ halfWidth }) => halfWidth))
    const precision = `${(widest + 0.01).toFixed(2)}us`
    const decision = makeDecide(makePlan({ seed: 1, precision }), 0, () => 0)?.(slow, all(10))
    expect(decision).toMatchObject({ stop: true, warnings: [{ code: 'precision-limited', severity: 'low' }] })
    expect(decision?.warnings[0]?.message).toContain(`The precision of ${precision} was reached between restarts`)
    expect(decision?.warnings[0]?.message).toMatch(/wider for: app CPU cost of \S+/)
  })

  it('does not take the absence of every figure for precision', () => {
    const decide = makeDecide(makePlan({ seed: 1, precision: '500us', restarts: 9 }), 0, () => 0)
    expect(decide?.({ ...recordOf(9), slices: [] }, all(8))).toEqual({ stop: false, warnings: [] })
    expect(decide?.({ ...recordOf(9), slices: [] }, all(9)).warnings[0]?.message).toContain('cannot be told')
  })
})

describe('a limit in time', () => {
  /** Restarts of so many seconds each, after half a minute of preparing. */
  function stopsAfter(input: Parameters<typeof makePlan>[0], restartSeconds: number) {
    const plan = makePlan({ seed: 1, ...input })
    let nowMs = 0
    const decide = makeDecide(plan, 0, () => nowMs)
    nowMs = 30_000
    for (let restarts = 1; restarts <= plan.restarts; restarts++) {
      nowMs += restartSeconds * 1000
      const decision = decide?.({ ...recordOf(3), slices: [] }, all(restarts))
      if (decision?.stop === true) return { restarts, seconds: nowMs / 1000, decision }
    }
    return { restarts: plan.restarts, seconds: nowMs / 1000, decision: undefined }
  }

  it('is that of the standard profile: all restarts where they fit, and no fewer than six', () => {
    expect(stopsAfter({}, 30).decision).toBeUndefined()
    const slow = stopsAfter({}, 36)
    expect(slow.restarts).toBe(9)
    expect(slow.seconds).toBeLessThan(360)
    expect(stopsAfter({}, 80).restarts).toBe(6)
  })

  it('is said with the restarts that were measured, and how to have them all', () => {
    const [warning] = stopsAfter({}, 36).decision?.warnings ?? []
    expect(warning).toMatchObject({ code: 'stopped-by-time', severity: 'low' })
    expect(warning?.message).toMatch(/Stopped after 9 of 10 restarts, because another would have ended after 6 min/)
    expect(warning?.message).toContain('slower than was planned for')
    expect(warning?.remedy).toContain('--restarts 10')
    const [given] = stopsAfter({ profile: 'quick', maxTime: '60s' }, 12).decision?.warnings ?? []
    expect(given?.message).not.toContain('slower')
    expect(given?.remedy).toContain('--max-time')
  })

  it('is nobody else’s unless it is given, and leaves an interval', () => {
    expect(stopsAfter({ restarts: 10 }, 80).decision).toBeUndefined()
    expect(stopsAfter({ profile: 'quick', maxTime: '60s' }, 12).restarts).toBe(3)
    expect(stopsAfter({ profile: 'quick', maxTime: '45s' }, 12).restarts).toBe(3)
    expect(stopsAfter({ profile: 'quick', maxTime: '100s' }, 12).decision).toBeUndefined()
  })

  it('knows that the restarts with sign-ins were longer than those to come', () => {
    const plan = makePlan({ seed: 1 })
    const seconds = predictRestarts(plan)
    expect(seconds[0]).toBeGreaterThan(1.3 * (seconds[9] ?? 0))
    let nowMs = 0
    const decide = makeDecide(plan, 0, () => nowMs)
    nowMs = 20_000
    const [first = 0, ...others] = seconds
    // As much slower than predicted as just fits.
    const slowness = (360 - 20 - 5) / seconds.reduce((sum, one) => sum + one, 0)
    for (const [index, one] of [first, ...others].entries()) {
      nowMs += slowness * one * 1000
      expect(decide?.({ ...recordOf(3), slices: [] }, all(index + 1)).stop).toBe(false)
    }
  })
})

describe('a sweep of pools', () => {
  const plan = poolTuningPlan({ pool: '1,2,5,10,20', connections: '8,64', tokens: 'ES256', seed: 1 })
  const sweep = exampleSweep({ restarts: 5, connections: [8, 64], delaysUs: [0] })
  const upTo = (restarts: number) => ({
    ...sweep,
    slices: sweep.slices.filter(({ restart }) => restart < restarts),
  })
  const decide = makeDecide(plan)

  it('ends when every recommendation is settled', () => {
    expect(decide?.(upTo(2), all(2)).stop).toBe(false)
    expect(decide?.(upTo(5), all(5)).stop).toBe(true)
  })

  it('says after each restart how settled it is', () => {
    expect(decide?.(upTo(2), all(2)).words).toBe('0 of 2 recommendations are settled; 9 of 10 cells go on')
    expect(decide?.(upTo(5), all(5)).words).toBe('2 of 2 recommendations are settled; 0 of 10 cells go on')
  })

  it('goes on as a plain grid, with every cell, and says no less, also when it is continued', () => {
    const plain = poolTuningPlan({ pool: '1,2', connections: '8', plainGrid: true, seed: 1 })
    const kept = planFromFile(JSON.parse(JSON.stringify(planToFile(plain))), { out: 'reports' })
    for (const one of [plain, kept]) {
      const decision = makeDecide(one)?.(upTo(5), all(5))
      expect(decision).toEqual({ stop: false, warnings: [], words: '2 of 2 recommendations are settled' })
    }
  })

  it('measures tokens only where a lookup is still measured', () => {
    const isActive = decide?.(upTo(5), all(5)).isActive
    const token = plan.sets.flat().find(({ key }) => key === 'jwt:alg=ES256')
    expect(token).toBeDefined()
    for (const load of plan.loads) expect(token !== undefined && isActive?.(token, load)).toBe(false)
  })
})

describe('a sweep of pools that goes on', () => {
  const grid = { pool: '1,2,10', connections: '64', dbDelay: '0,2ms', tokens: 'ES256', seed: 1 }
  const plan = poolTuningPlan(grid)
  // A pool of 1 is far too poor; one of 2 lies at the limit, and stays undecided.
  const earlier = exampleSweep({
    restarts: 4,
    pools: [1, 2, 10],
    connections: [64],
    throughput: ({ poolSize }) => ({ 1: 5000, 2: 9500 })[poolSize] ?? 10_000,
  })

  it('leaves out what was too poor before from its first restart on', () => {
    const decision = decideSoFar(plan, earlier)
    expect(decision?.stop).toBe(false)
    const active = plan.sets
      .flat()
      .filter(
        (planned) => planned.role === 'candidate' && plan.loads.some((load) => decision?.isActive?.(planned, load)),
      )
    const pools = active.flatMap(({ deployment }) => deployment?.poolSize ?? [])
    expect(new Set(pools)).toEqual(new Set([2, 10]))
    expect(active.map(({ key }) => key)).toContain('jwt:alg=ES256')
  })

  it('has every cell as a plain grid, and where nothing was measured before', () => {
    expect(decideSoFar(poolTuningPlan({ ...grid, plainGrid: true }), earlier)?.isActive).toBeUndefined()
    expect(decideSoFar(plan, undefined)).toBeUndefined()
  })

  it('is not mistaken for a run that stops by its precision, whose time begins anew', () => {
    expect(decideSoFar(makePlan({ seed: 1, precision: '500us', maxTime: '1h' }), recordOf(8))).toBeUndefined()
  })
})
