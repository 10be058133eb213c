import { describe, expect, it } from 'vitest'
import type { Estimate } from '../record/estimate.ts'
import { durationText, figureText, quantileName, revocationText, withMicroSign } from './figure-text.ts'

const estimate = (value: number, low: number, high: number, metric = 'appCpuUsPerRequest'): Estimate => ({
  variant: 'session',
  metric,
  unit: 'us',
  kind: 'cost',
  load: { mode: 'saturation', connections: 10 },
  group: 'default',
  value,
  low,
  high,
  confidence: 0.95,
  method: 'restart-medians-t',
  restarts: 10,
  rounds: 40,
})

describe('figureText', () => {
  it('gives value and half-width equally many decimals', () => {
    expect(figureText(estimate(51.234, 50.1, 52.368))).toEqual({ value: '51.2', interval: '±1.1' })
    expect(figureText(estimate(117.23, 116.92, 117.54))).toEqual({ value: '117.2', interval: '±0.3' })
    expect(figureText(estimate(1234.5, 1200, 1269))).toEqual({ value: '1,235', interval: '±35' })
  })

  it('shows both ends of an interval that is not symmetric', () => {
    expect(figureText(estimate(10, 8, 13))).toEqual({ value: '10.0', interval: '8.00 to 13.0' })
  })

  it('writes a true minus, and none before a zero', () => {
    expect(figureText(estimate(-0.54, -1.54, 0.46)).value).toBe('−0.54')
    expect(figureText(estimate(-0.001, -0.002, 0)).value).toBe('0.00')
  })

  it('shows no interval for what does not vary', () => {
    expect(figureText(estimate(0, 0, 0)).interval).toBe('')
  })
})

describe('words', () => {
  it('names quantiles as people do', () => {
    expect([0.5, 0.9, 0.99, 0.999, 0.9999].map(quantileName)).toEqual(['p50', 'p90', 'p99', 'p99.9', 'p99.99'])
  })

  it('says how long a revoked credential is accepted', () => {
    expect(revocationText({ kind: 'at-expiry', lifetimeS: 900 })).toBe('at expiry (15 min)')
    expect(revocationText({ kind: 'within', ms: 250 })).toBe('within 250 ms')
    expect(revocationText({ kind: 'when-unused', idleS: 86_400 })).toBe('once unused for 24 h')
  })

  it('gives durations in the largest whole unit', () => {
    expect([999, 1624, 90_000, 120_000, 7_200_000].map(durationText)).toEqual([
      ...['999 ms', '1.62 s', '90 s', '2 min', '2 h'],
    ])
    expect(durationText(86_401_000)).toBe('86401 s')
  })

  it('writes micro with its sign behind a figure only', () => {
    expect(withMicroSign('costs 51.2 us (±1.1) to us, 3 users')).toBe('costs 51.2 µs (±1.1) to us, 3 users')
  })
})
