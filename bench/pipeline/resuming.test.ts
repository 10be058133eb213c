import { describe, expect, it } from 'vitest'
import { exampleResults } from '../estimates/slice.fixture.ts'
import { makePlan } from '../plan/plan.ts'
import { restartsBegun, restartsWhole } from '../record/restarts.ts'
import type { Results } from '../record/run.ts'
import type { Slice } from '../record/slice.ts'
import { continued, loadsMet, ratesOf, requireSame } from './resuming.ts'

function recordOf(restarts: number, run: Partial<Results['run']>): Results {
  const results = exampleResults({ restarts, rounds: 1, estimated: false })
  return { ...results, run: { ...results.run, ...run } }
}

describe('restarts of a run that goes on', () => {
  it('are whole as far as they were measured to their end, however often it was interrupted', () => {
    const first = recordOf(4, { state: 'interrupted', wholeRestarts: 3 })
    expect([restartsBegun(first), restartsWhole(first)]).toEqual([4, 3])
    // The fourth was cut short; the fifth and sixth are whole, the seventh is not.
    const head = continued(first, 'authcost run --resume', new Date())
    expect(head.wholeRestarts).toBe(3)
    const second = recordOf(7, { state: 'interrupted', ...head, wholeRestarts: 3 + 2 })
    expect([restartsBegun(second), restartsWhole(second)]).toEqual([7, 5])
    expect(continued(second, 'authcost run --resume', new Date()).wholeRestarts).toBe(5)
  })

  it('are whole in a run that is complete but for those that were cut short', () => {
    expect(restartsWhole(recordOf(9, { state: 'complete', wholeRestarts: 8 }))).toBe(8)
  })

  it('are told by the state of a file that does not say: all, or all but the last', () => {
    expect(restartsWhole(recordOf(4, { state: 'complete' }))).toBe(4)
    const old = recordOf(4, { state: 'interrupted' })
    expect(restartsWhole(old)).toBe(3)
    expect(continued(old, 'authcost run --resume', new Date()).wholeRestarts).toBe(3)
  })
})

describe('the time between the parts of a run', () => {
  const started = new Date('2026-01-02T03:00:00.000Z')
  const at = (minutes: number) => new Date(started.getTime() + minutes * 60_000)
  const [example] = exampleResults({ restarts: 1, rounds: 1, estimated: false }).slices
  if (example === undefined) throw new Error('no slice')
  const measured = (minutes: number) => ({ ...example, startedAt: at(minutes).toISOString(), durationMs: 60_000 })
  const burstyOf = (slice: Slice) => ({
    slices: [{ purpose: 'fit' as const, everyMs: 1000, misses: 0, slice }],
    variants: [],
  })
  const lifecycleOf = ({ variant, startedAt, durationMs, latency }: Slice) => ({
    batches: [
      {
        ...{ variant, startedAt, durationMs, latency, set: 0, restart: 0, round: 0, call: 'login' as const },
        ...{ calls: 1, failures: 0, app: { cpuUs: 1, queries: 0 }, database: { absent: 'none' }, doubts: [] },
      },
    ],
    calls: [],
    amortised: [],
    passwordHash: [],
  })
  const pausedMinutes = (part: Partial<Results>, run: Partial<Results['run']> = {}): number => {
    const { finishedAt: _, ...head } = recordOf(1, { state: 'interrupted', startedAt: started.toISOString() }).run
    const earlier = { ...recordOf(1, {}), slices: [], ...part, run: { ...head, ...run } }
    return (continued(earlier, 'authcost run --resume', at(600)).pausedMs ?? 0) / 60_000
  }

  it('begins where a part was finished', () => {
    expect(pausedMinutes({ slices: [measured(5)] }, { finishedAt: at(10).toISOString() })).toBe(590)
    expect(pausedMinutes({}, { finishedAt: at(10).toISOString(), pausedMs: 60_000 })).toBe(591)
  })

  it('begins after the last thing measured where a part was killed: the dead time is no time of the run', () => {
    expect(pausedMinutes({ slices: [measured(19), measured(5)] })).toBe(580)
    expect(pausedMinutes({ slices: [measured(5)], bursty: burstyOf(measured(29)) })).toBe(570)
    expect(pausedMinutes({ slices: [measured(5)], lifecycle: lifecycleOf(measured(39)) })).toBe(560)
    expect(pausedMinutes({})).toBe(600)
  })
})

describe('the rate of a run that goes on', () => {
  const plan = makePlan({ seed: 1 })

  it('is the one that was settled on, also where the plan of the record has lost it', () => {
    const whole = exampleResults({ restarts: 2, estimated: false })
    const earlier = { ...whole, plan: { ...whole.plan, loads: [] } }
    expect(loadsMet(earlier)).toEqual(whole.plan.loads.map(({ load }) => load))
    expect([...ratesOf(plan, earlier).values()]).toEqual([2000])
  })

  it('is none before any slice was measured', () => {
    expect(ratesOf(plan, undefined).size).toBe(0)
    expect(ratesOf(plan, { slices: [] }).size).toBe(0)
  })
})

describe('the Redis of a run that goes on', () => {
  const earlier = recordOf(4, { state: 'interrupted' })
  const { version } = earlier.tool
  const redis = { kind: 'external', product: 'redis', version: '7.4.1', route: 'remote' } as const
  const before: Results = { ...earlier, environment: { ...earlier.environment, redis } }
  const goOn = (now: Results['environment']['redis']) => () =>
    requireSame(before, now === undefined ? earlier.environment : { ...earlier.environment, redis: now }, version)

  it('is the same', () => {
    expect(goOn({ ...redis })).not.toThrow()
    expect(() => requireSame(earlier, { ...earlier.environment }, version)).not.toThrow()
  })

  it.each([
    [{ ...redis, kind: 'container' }, /another kind of Redis/],
    [{ ...redis, product: 'valkey' }, /another product as Redis/],
    [{ ...redis, version: '8.0.0' }, /another version of Redis/],
    [{ ...redis, route: 'loopback' }, /another route to Redis/],
    [undefined, /another kind of Redis/],
  ] as const)('is not another one: %j', (now, message) => {
    expect(goOn(now)).toThrow(message)
  })
})

describe('a run goes on only where it was measured before', () => {
  const earlier = exampleResults({ restarts: 1, estimated: false })
  const { environment } = earlier
  const { version } = earlier.tool
  const { node, machine, postgres } = environment

  it('on the same machine with the same software', () => {
    expect(() => requireSame(earlier, structuredClone(environment), version)).not.toThrow()
  })

  it('and is not held up by what differs each time', () => {
    const roundTripUs = { ...postgres.roundTripUs, p50: postgres.roundTripUs.p50 + 1 }
    const now = { ...environment, postgres: { ...postgres, roundTripUs, databaseBytes: 1 } }
    expect(() => requireSame(earlier, now, version)).not.toThrow()
  })

  it.each<[string, Partial<Results['environment']>]>([
    ['version of Node', { node: { ...node, version: 'v1.0.0' } }],
    ["Node's flags", { node: { ...node, flags: ['--max-old-space-size=64'] } }],
    ['processor model', { machine: { ...machine, cpuModel: 'abacus' } }],
    ['number of processors', { machine: { ...machine, logicalCpus: machine.logicalCpus + 1 } }],
    ['operating system', { machine: { ...machine, kernel: '0.1' } }],
    ['pinning', { pinning: { absent: 'taskset is not installed' } }],
    ['kind of Postgres', { postgres: { ...postgres, kind: 'external' } }],
    ['version of Postgres', { postgres: { ...postgres, version: '9.0' } }],
    ['route to Postgres', { postgres: { ...postgres, route: 'remote' } }],
    ['settings of Postgres', { postgres: { ...postgres, settings: { ...postgres.settings, jit: 'surprising' } } }],
  ])('and not with another %s', (named, other) => {
    expect(() => requireSame(earlier, { ...environment, ...other }, version)).toThrow(
      expect.objectContaining({ code: 'resume.differs', message: expect.stringContaining(`another ${named}.`) }),
    )
  })

  it('and all that differs is named', () => {
    const now = { ...environment, node: { ...node, version: 'v1.0.0' }, pinning: { absent: 'one core' } }
    expect(() => requireSame(earlier, now, '0.0.0')).toThrow(
      /another version of authcost, another version of Node, another pinning\. Begin a new one/,
    )
  })
})
