import { describe, expect, it } from 'vitest'
import { DurationRecorder } from '../../servers/contract/duration-recorder.ts'
import { histogramFromCounts } from '../statistics/histogram.ts'
import { logDistribution, mergeRecorded, percentileCurve } from './distribution.ts'

/** 1..n microseconds, once each. */
function uniform(n: number) {
  const recorder = new DurationRecorder(10)
  for (let us = 1; us <= n; us++) recorder.record(us * 1000)
  return histogramFromCounts(recorder.counts())
}

describe('percentileCurve', () => {
  it('rises, and gives the quantile of what was recorded', () => {
    const points = percentileCurve(mergeRecorded([uniform(10_000)]))
    const values = points.map(([, us]) => us)
    expect(values).toEqual([...values].sort((a, b) => a - b))
    const [, ninety] = points.find(([quantile]) => Math.abs(quantile - 0.9) < 1e-6) ?? [0, 0]
    expect(Math.abs(ninety - 9000)).toBeLessThan(20)
  })

  it('ends where fewer than 50 responses lie beyond', () => {
    const last = percentileCurve(mergeRecorded([uniform(10_000)])).at(-1)?.[0] ?? 1
    expect(10_000 * (1 - last)).toBeGreaterThanOrEqual(49.9)
    expect(10_000 * (1 - last)).toBeLessThan(60)
  })

  it('is the same for slices merged as for one slice with all their responses', () => {
    const half = uniform(5000)
    const twice = percentileCurve(mergeRecorded(Array.from({ length: 70 }, () => half)))
    const once = percentileCurve(mergeRecorded([half]))
    expect(twice.slice(0, once.length)).toEqual(once)
  })
})

describe('logDistribution', () => {
  it('has its highest bin at 1 and ends low on both sides', () => {
    const recorder = new DurationRecorder(10)
    for (let i = -300; i <= 300; i++) recorder.record(100_000 * Math.exp((i / 300) ** 3 * 0.5))
    const bins = logDistribution(mergeRecorded([histogramFromCounts(recorder.counts())]))
    expect(Math.max(...bins.map(([, share]) => share))).toBe(1)
    expect(bins[0]?.[1]).toBe(0)
    expect(bins.at(-1)?.[1]).toBe(0)
    const [peak] = bins.find(([, share]) => share === 1) ?? [0]
    expect(Math.abs(peak / 100 - 1)).toBeLessThan(0.07)
  })

  it('is empty for no responses', () => {
    expect(logDistribution(mergeRecorded([]))).toEqual([])
  })
})
