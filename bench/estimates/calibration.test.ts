import { describe, expect, it } from 'vitest'
import type { Results } from '../record/run.ts'
import { exampleCalibration } from './calibration.fixture.ts'
import { calibrationOf, type Recovery } from './calibration.ts'
import { disturbed } from './core-speed.fixture.ts'

const find = (results: Results, variant: string, mode: string): Recovery | undefined =>
  calibrationOf(results).recoveries.find((one) => one.variant === variant && one.load.mode === mode)

describe('calibrationOf', () => {
  const results = exampleCalibration()

  it('finds a known cost again, at saturation and at a fixed rate', () => {
    const saturation = find(results, 'synthetic:cpu=50us', 'saturation')
    expect(saturation?.injected.value).toBeCloseTo(50.4)
    expect(saturation?.toleranceUs).toBeCloseTo(5.04)
    expect(saturation?.verdict).toBe('recovered')
    expect(Math.abs(saturation?.error.value ?? Number.NaN)).toBeLessThan(2)
    // One slice a restart leaves the outliers in: the interval is wide, and meets the truth.
    expect(find(results, 'synthetic:cpu=50us', 'fixed-rate')?.verdict).toMatch(/recovered|compatible/)
  })

  it('takes the injected amount from what the server measured, not from the name', () => {
    expect(find(results, 'synthetic:cpu=10us', 'saturation')?.injected.value).toBeCloseTo(10.5)
  })

  it('says so when more was found than was injected', () => {
    const off = exampleCalibration({ cpuErrorUs: 7 })
    expect(find(off, 'synthetic:cpu=10us', 'saturation')?.verdict).toBe('missed')
    expect(find(off, 'synthetic:cpu=10us', 'saturation')?.error.value).toBeCloseTo(7, -0.5)
  })

  it('says so when less was found than was injected', () => {
    expect(find(exampleCalibration({ cpuErrorUs: -9 }), 'synthetic:cpu=50us', 'saturation')?.verdict).toBe('missed')
  })

  it('calls an interval that reaches beyond the tolerance compatible, not recovered', () => {
    // 3 restarts of 2 noisy rounds give an interval far wider than 1.05 us.
    const verdicts = [1, 2, 3, 4, 5].map(
      (seed) => find(exampleCalibration({ restarts: 3, rounds: 2, seed }), 'synthetic:cpu=10us', 'saturation')?.verdict,
    )
    expect(verdicts).toContain('compatible')
    expect(verdicts).not.toContain('missed')
  })

  it('finds it on cores that slow down as well, as closely as a run finds its costs', () => {
    const slices = disturbed(results.slices)
    const asRead = { ...results, slices: slices.map(({ coreSpeed: _, ...slice }) => slice) }
    const width = (of: Recovery | undefined) => (of === undefined ? Number.NaN : of.error.high - of.error.low)
    const [adjusted, read] = [{ ...results, slices }, asRead].map((one) =>
      find(one, 'synthetic:cpu=50us', 'saturation'),
    )
    expect(adjusted?.verdict).toBe('recovered')
    expect(adjusted?.injected.value).toBeCloseTo(50.4)
    expect(width(adjusted)).toBeLessThan(0.5 * width(read))
  })

  it('never looks for a wait in CPU, nor for CPU in latency', () => {
    const { recoveries } = calibrationOf(results)
    const modes = (amount: 'cpu' | 'wait'): string[] => [
      ...new Set(recoveries.filter((one) => one.amount === amount).map(({ load }) => load.mode)),
    ]
    expect(modes('cpu')).toEqual(['saturation', 'fixed-rate'])
    expect(modes('wait')).toEqual(['fixed-rate', 'unloaded'])
  })

  it('counts the slices at saturation that a wait leaves out, without calling its absence a failure', () => {
    const { waitingSlices, absent } = calibrationOf(results)
    expect(waitingSlices).toBe(40)
    expect(absent).toEqual([])
  })

  it('gives no figure, but the reason, with fewer than 3 restarts', () => {
    const { recoveries, absent, resolutions, againstItself } = calibrationOf(exampleCalibration({ restarts: 2 }))
    expect([recoveries, resolutions]).toEqual([[], []])
    expect(againstItself.every(({ simulated }) => 'absent' in simulated)).toBe(true)
    expect(absent.map((one) => one.absent)).toContain('2 of at least 3 restarts can be used')
  })
})

describe('the smallest cost that can be resolved', () => {
  const [saturation] = calibrationOf(exampleCalibration()).resolutions

  it('shrinks with time as one over its root, a little faster while Student has few restarts', () => {
    const at = (minutes: number): number =>
      saturation?.byTime.find((one) => one.minutes === minutes)?.smallestUs ?? Number.NaN
    expect(at(15) / at(60)).toBeGreaterThan(1.95)
    expect(at(15) / at(60)).toBeLessThan(2.4)
    expect(at(5) / at(60)).toBeGreaterThan(at(15) / at(60))
  })

  it('is absent where the time is too short for an interval', () => {
    expect(saturation?.byTime.find(({ restarts }) => restarts < 3)?.smallestUs).toBeUndefined()
    for (const { restarts, smallestUs } of saturation?.byTime ?? []) expect(smallestUs === undefined).toBe(restarts < 3)
  })
})

describe('a server against itself', () => {
  it('is found equal in about 95 % of the simulated comparisons, and the same seed finds the same', () => {
    const results = exampleCalibration({ restarts: 12 })
    const first = calibrationOf(results).againstItself
    expect(first.map(({ load }) => load.mode)).toEqual(['saturation', 'fixed-rate'])
    for (const { simulated } of first) {
      if ('absent' in simulated) throw new Error(simulated.absent)
      expect(simulated.comparisons).toBeGreaterThanOrEqual(2000)
      expect(simulated.covered / simulated.comparisons).toBeGreaterThan(0.9)
      expect(simulated.covered).toBeLessThan(simulated.comparisons)
    }
    expect(calibrationOf(results).againstItself).toEqual(first)
  })

  it('is not simulated from so few restarts that chance signs would decide', () => {
    const { simulated } = calibrationOf(exampleCalibration({ restarts: 7 })).againstItself[0] ?? {}
    expect(simulated).toEqual({ absent: '7 of at least 8 restarts can be drawn from' })
  })

  it('is repeated for real where the restarts suffice for two intervals', () => {
    const repeated = calibrationOf(exampleCalibration({ restarts: 13 })).againstItself[0]?.repeated
    expect(repeated).toMatchObject({ comparisons: 3, restartsEach: 4 })
    expect(calibrationOf(exampleCalibration({ restarts: 7 })).againstItself[0]?.repeated).toBeUndefined()
  })
})
