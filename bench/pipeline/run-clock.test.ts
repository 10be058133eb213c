import { describe, expect, it } from 'vitest'
import type { IsActive } from '../plan/order.ts'
import { makePlan } from '../plan/plan.ts'
import { predictRestarts } from '../plan/predict.ts'
import { RunClock } from './run-clock.ts'

const plan = makePlan({ profile: 'quick', seed: 1, restarts: 4 })

const predicted = predictRestarts(plan).reduce((sum, seconds) => sum + seconds, 0)

function start(leftOut: readonly string[] = [], of = plan, first = 0) {
  let nowMs = 1000
  const clock = new RunClock(of, new Set(leftOut), first, () => nowMs)
  const pass = (seconds: number): void => {
    nowMs += seconds * 1000
  }
  return { clock, pass }
}

describe('RunClock', () => {
  it('goes by the prediction until a restart has been timed', () => {
    const { clock, pass } = start()
    expect(clock.state().secondsLeft).toBeCloseTo(predicted)
    pass(3)
    expect(clock.state().secondsLeft).toBeCloseTo(predicted - 3)
  })

  it("goes by the run's own restarts from then on", () => {
    const { clock, pass } = start()
    pass(20)
    clock.restartDone()
    expect(clock.state().secondsLeft).toBeCloseTo(60)
    pass(10)
    clock.restartDone()
    // Two restarts in 30 s: two more take 30.
    expect(clock.state().secondsLeft).toBeCloseTo(30)
  })

  it('does not take restarts with sign-ins for those without', () => {
    const standard = makePlan({ profile: 'standard', restarts: 10, seed: 1 })
    const seconds = predictRestarts(standard)
    const { clock, pass } = start([], standard)
    // Twice as slow as predicted, in every one of the five that have sign-ins.
    for (const one of seconds.slice(0, 5)) {
      pass(2 * one)
      clock.restartDone()
    }
    const others = seconds.slice(5).reduce((sum, one) => sum + one, 0)
    expect(clock.state().secondsLeft).toBeCloseTo(2 * others)
    expect(2 * others).toBeLessThan(2 * seconds.slice(0, 5).reduce((sum, one) => sum + one, 0) - 30)
  })

  it('knows the limit in time, and that some restarts are measured whatever it says', () => {
    const standard = makePlan({ profile: 'standard', seed: 1 })
    const seconds = predictRestarts(standard)
    const { clock, pass } = start([], standard)
    pass(1.4 * (seconds[0] ?? 0))
    clock.restartDone()
    // By so much slower than predicted, all ten would take more than the six minutes.
    expect(clock.state().secondsLeft).toBeCloseTo(360 - 1.4 * (seconds[0] ?? 0))
    const verySlow = start([], standard)
    verySlow.pass(8 * (seconds[0] ?? 0))
    verySlow.clock.restartDone()
    const five = seconds.slice(1, 6).reduce((sum, one) => sum + one, 0)
    expect(verySlow.clock.state().secondsLeft).toBeCloseTo(8 * five)
  })

  it('of a run that goes on knows only the restarts to come', () => {
    const { clock } = start([], plan, 3)
    expect(clock.state().secondsLeft).toBeCloseTo(predicted / 4)
    expect(clock.state().slicesPlanned).toBe(start().clock.state().slicesPlanned / 4)
  })

  it('counts what gets no further rounds no longer', () => {
    const pools = makePlan({ profile: 'quick', variants: ['session'], vary: ['pool=1,5,20'], seed: 1, restarts: 4 })
    const isActive: IsActive = ({ deployment }) => deployment?.poolSize === 5
    const full = predictRestarts(pools)[0] ?? 0
    const narrowed = predictRestarts(pools, isActive)[0] ?? 0
    expect(narrowed).toBeLessThan(full)
    const { clock, pass } = start([], pools)
    const all = clock.state().slicesPlanned
    // Half as slow again as predicted.
    pass(1.5 * full)
    clock.restartDone()
    expect(clock.state().secondsLeft).toBeCloseTo(1.5 * 3 * full)
    clock.narrow(isActive)
    expect(clock.state().secondsLeft).toBeCloseTo(1.5 * 3 * narrowed)
    expect(clock.state().slicesPlanned).toBeLessThan(all)
  })

  it('never promises less than nothing', () => {
    const { clock, pass } = start()
    pass(10_000)
    expect(clock.state().secondsLeft).toBe(0)
  })

  it('counts the slices of the variants that are measured, in every group', () => {
    const perVariant = plan.loads.reduce((sum, { rounds }) => sum + rounds, 0)
    expect(start().clock.state().slicesPlanned).toBe(4 * 5 * perVariant)
    expect(start(['session']).clock.state().slicesPlanned).toBe(4 * 4 * perVariant)
    expect(start([], { ...plan, productionFlags: true }).clock.state().slicesPlanned).toBe(2 * 4 * 5 * perVariant)
    const { clock } = start()
    clock.sliceDone()
    expect(clock.state().slicesDone).toBe(1)
  })
})
