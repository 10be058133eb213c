import { expect, test } from 'vitest'
import type { CounterSnapshot } from '../../servers/contract/counters.ts'
import { DurationRecorder } from '../../servers/contract/duration-recorder.ts'
import { zeroCounters } from '../measure/fake-servers.fixture.ts'
import { mergeSnapshots } from './merge-snapshots.ts'

const pool = { total: 4, idle: 1, waiting: 2, arrivals: 100, waitingSeen: 150, busySeen: 300, mostWaiting: 9 }

function recorded(...durationsNs: number[]) {
  const recorder = new DurationRecorder()
  for (const duration of durationsNs) recorder.record(duration)
  return recorder.counts()
}

const instance = (more: Partial<CounterSnapshot>): CounterSnapshot => ({ ...zeroCounters, ...more })

test('app instances count as one server: sums, and durations as if one had recorded them', () => {
  const merged = mergeSnapshots([
    instance({
      monotonicNs: 5e9,
      requests: 70,
      queries: 70,
      cpuUserUs: 900,
      pool,
      steps: { ...zeroCounters.steps, query: recorded(100_000, 100_000, 900) },
      strategy: { cacheHits: 3 },
    }),
    instance({
      monotonicNs: 6e9,
      requests: 30,
      queries: 31,
      cpuUserUs: 400,
      pool: { ...pool, arrivals: 50, waitingSeen: 10, mostWaiting: 2 },
      steps: { ...zeroCounters.steps, query: recorded(100_000, 5_000_000) },
      strategy: { cacheHits: 2, cacheMisses: 1 },
    }),
  ])
  expect(merged).toMatchObject({ monotonicNs: 6e9, requests: 100, queries: 101, cpuUserUs: 1300 })
  expect(merged.rssBytes).toBe(2 * zeroCounters.rssBytes)
  expect(merged.pool).toMatchObject({ total: 8, arrivals: 150, waitingSeen: 160, mostWaiting: 9 })
  expect(merged.steps.query).toEqual(recorded(100_000, 100_000, 900, 100_000, 5_000_000))
  expect(merged.strategy).toEqual({ cacheHits: 5, cacheMisses: 1 })
})

test('an instance whose pool was never opened adds none, and none has one where all are closed', () => {
  expect(mergeSnapshots([instance({ pool }), instance({})]).pool).toEqual(pool)
  expect(mergeSnapshots([instance({}), instance({})])).not.toHaveProperty('pool')
})

test('one server alone is as it was', () => {
  const alone = instance({ requests: 3, pool })
  expect(mergeSnapshots([alone])).toBe(alone)
})
