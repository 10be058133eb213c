import { describe, expect, it } from 'vitest'
import { exampleCalibration } from '../estimates/calibration.fixture.ts'
import { plannedVariants } from '../plan/plan.ts'
import { calibrationPlan, isProven, knownCosts } from './calibrate.ts'

describe('calibrationPlan', () => {
  it.each(['quick', 'standard', 'thorough'] as const)('%s: known costs under all three loads, at once', (profile) => {
    const plan = calibrationPlan({ profile, seed: 1 })
    expect(plannedVariants(plan).map(({ key }) => key)).toEqual(['none', 'none#twin', ...knownCosts])
    expect(plan.sets).toHaveLength(1)
    expect(new Set(plan.loads.map(({ mode }) => mode))).toEqual(new Set(['saturation', 'fixed-rate', 'unloaded']))
    expect(plan.loads.every(({ rounds }) => rounds > 0)).toBe(true)
    expect([plan.productionFlags, plan.restartPostgres]).toEqual([false, false])
  })
})

describe('isProven', () => {
  // The fixture has two amounts of CPU, the command three: one that was never looked for is no proof.
  const wanted = knownCosts.filter((id) => id !== 'synthetic:cpu=2us')

  it('is not where an amount is off', () => {
    expect(isProven(exampleCalibration({ cpuErrorUs: 15 }), wanted)).toBe(false)
  })

  it('is where every amount was found', () => {
    expect(isProven(exampleCalibration(), wanted)).toBe(true)
  })

  it('is not where an amount is missing, or nothing could be estimated', () => {
    expect(isProven(exampleCalibration())).toBe(false)
    expect(isProven(exampleCalibration({ restarts: 2 }), wanted)).toBe(false)
  })
})
