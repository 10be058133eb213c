import { describe, expect, it } from 'vitest'
import { DurationRecorder } from '../../servers/contract/duration-recorder.ts'
import type { LifecycleBatch, LifecycleCall } from '../record/lifecycle.ts'
import { histogramFromCounts } from '../statistics/histogram.ts'
import { createRandom } from '../statistics/random.ts'
import { lifecycleOf } from './lifecycle.ts'

const variant = 'jwt:alg=HS256'
const hashUs = 170_000

const recorder = new DurationRecorder(10)
recorder.record(1_500_000)
const latency = histogramFromCounts(recorder.counts())

function batch(call: LifecycleCall, restart: number, usPerCall: number, more: Partial<LifecycleBatch> = {}) {
  const calls = more.calls ?? 20
  const made: LifecycleBatch = {
    variant,
    set: 0,
    restart,
    round: 0,
    call,
    calls,
    failures: 0,
    startedAt: '2026-01-02T03:04:05.000Z',
    durationMs: 10,
    latency,
    app: { cpuUs: usPerCall * calls, queries: 0 },
    database: { cpuUs: (usPerCall / 2) * calls },
    doubts: [],
    ...more,
  }
  return made
}

/** A run whose true costs are known; servers of one start share a part of what they cost. */
function run({ request = 100, refresh = 800, firstRequest = 0, restarts = 10, seed = 1 } = {}): LifecycleBatch[] {
  const random = createRandom(seed, 'lifecycle')
  return Array.from({ length: restarts }, (_, restart) => {
    const shared = 10 * (random.next() - 0.5)
    const noisy = (us: number) => us + shared + 4 * (random.next() - 0.5)
    return [0, 1, 2].flatMap((round) => [
      ...(round === 0 ? [batch('login', restart, hashUs + noisy(900), { calls: 1 })] : []),
      batch('sign-in', restart, noisy(900), { round }),
      batch('request', restart, noisy(request), { round, calls: 100 }),
      batch('refresh', restart, noisy(refresh), { round }),
      ...[10, 100].map((n) =>
        batch('cycle', restart, noisy(request) + (refresh + firstRequest) / n, {
          round,
          calls: 100,
          requestsPerToken: n,
        }),
      ),
    ])
  }).flat()
}

const appCpu = (batches: readonly LifecycleBatch[]) =>
  lifecycleOf(batches).amortised.filter(({ metric }) => metric === 'appCpuUs')

describe('what sign-ins cost', () => {
  it('is the cost of each call, with the truth inside its interval', () => {
    const { calls } = lifecycleOf(run())
    for (const [call, truth] of [
      ['request', 100],
      ['refresh', 800],
      ['sign-in', 900],
    ] as const) {
      const found = calls.find((one) => one.call === call && one.metric === 'appCpuUs')?.figure
      if (found === undefined || 'absent' in found) throw new Error(`no cost of ${call}`)
      expect([found.low <= truth, truth <= found.high]).toEqual([true, true])
    }
  })

  it('shows the password hash apart from the rest of a login', () => {
    const hash = lifecycleOf(run()).passwordHash.find(({ metric }) => metric === 'appCpuUs')?.figure
    if (hash === undefined || 'absent' in hash) throw new Error('no hash')
    expect(hash.low).toBeLessThan(hashUs)
    expect(hash.high).toBeGreaterThan(hashUs)
    expect(hash.high - hash.low).toBeLessThan(20)
  })

  it('agrees with the formula where a cycle is its requests and its refresh, nineteen times in twenty', () => {
    const agreed = Array.from({ length: 100 }, (_, seed) => appCpu(run({ seed }))).flat()
    const share = agreed.filter(({ agrees }) => agrees === true).length / agreed.length
    expect(share).toBeGreaterThan(0.9)
    expect(share).toBeLessThan(0.99)
  })

  it('disagrees where the first request with a token is dearer, and says by how much', () => {
    const [ten] = appCpu(run({ firstRequest: 200 }))
    expect(ten?.agrees).toBe(false)
    if (ten === undefined || 'absent' in ten.difference) throw new Error('no difference')
    expect(ten.difference.low).toBeLessThan(20)
    expect(ten.difference.high).toBeGreaterThan(20)
  })

  it('leaves doubtful batches out, and says what is missing where nothing is left', () => {
    const failed = run().map((one) =>
      one.call === 'refresh' ? { ...one, failures: 1, doubts: ['failed-calls' as const] } : one,
    )
    const [ten] = appCpu(failed)
    expect(ten?.formula).toEqual({ absent: 'no batch was valid' })
    expect(ten?.difference).toEqual({ absent: 'no batch was valid' })
    expect(ten?.measured).toHaveProperty('value')
    expect(ten).not.toHaveProperty('agrees')
  })

  it('is not smaller where a part could not be read, but absent', () => {
    const blind = run().map((one) => ({ ...one, database: { absent: 'no schedstat' } }))
    const { calls } = lifecycleOf(blind)
    expect(calls.find(({ call, metric }) => call === 'refresh' && metric === 'totalCpuUs')?.figure).toEqual({
      absent: 'no schedstat',
    })
  })

  it('gives no interval to fewer than three restarts', () => {
    expect(appCpu(run({ restarts: 2 })).map(({ difference }) => 'absent' in difference)).toEqual([true, true])
  })
})
