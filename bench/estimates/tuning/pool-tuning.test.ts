import { describe, expect, it } from 'vitest'
import { type Results, resultsSchema } from '../../record/run.ts'
import type { Slice } from '../../record/slice.ts'
import type { PoolTuning } from '../../record/tuning.ts'
import { uslThroughput } from '../../statistics/usl.ts'
import { estimate } from '../estimate.ts'
import { exampleSweep, modelled, type SweepOptions } from './pool-sweep.fixture.ts'
import { poolTuning } from './pool-tuning.ts'

const small: SweepOptions = { connections: [8, 64] }
const pools = [1, 2, 5, 10, 20]
const sweep = exampleSweep(small)
const tuning = poolTuning(sweep)

const answerAt = ({ recommendations }: PoolTuning, connections: number, dbDelayUs: number) => {
  const found = recommendations.find((one) => one.connections === connections && one.dbDelayUs === dbDelayUs)
  if (found === undefined) throw new Error('every concurrency and distance has a recommendation')
  return found
}

/** The smallest pool with at least 95 % of the best throughput: latency is its inverse in a closed loop. */
function truth(connections: number, delayUs: number): number {
  const throughput = (poolSize: number): number => modelled({ poolSize, connections, delayUs })
  const best = Math.max(...pools.map(throughput))
  return pools.find((poolSize) => throughput(poolSize) >= 0.95 * best) ?? 0
}

describe('the answers of a sweep', () => {
  it('stand in the results of a run that was to tune a pool, and in no other', () => {
    const estimated = estimate(sweep)
    expect(estimated.tuning?.pool).toEqual(tuning)
    expect(resultsSchema.shape.tuning.parse(estimated.tuning)).toEqual(estimated.tuning)
    const { purpose: _none, ...plan } = sweep.plan
    expect(estimate({ ...sweep, plan }).tuning).toBeUndefined()
  })

  it('are the smallest pools that are good enough in truth', () => {
    for (const connections of [8, 64]) {
      for (const delayUs of [0, 2000]) {
        const { answer } = answerAt(tuning, connections, delayUs)
        expect(answer).toEqual({ state: 'settled', poolSize: truth(connections, delayUs) })
      }
    }
  })

  it('agree between seeds, or call themselves unsettled', () => {
    const noisy = [1, 2, 3].map((seed) => poolTuning(exampleSweep({ ...small, seed, noise: 0.02, delaysUs: [0] })))
    for (const connections of [8, 64]) {
      const settled = noisy.flatMap((one) => {
        const { answer } = answerAt(one, connections, 0)
        return answer.state === 'settled' ? [answer.poolSize] : []
      })
      expect(new Set(settled).size).toBeLessThanOrEqual(1)
    }
  })

  it('let no pool win by default: two restarts and much noise leave them open', () => {
    const two = answerAt(poolTuning(exampleSweep({ ...small, restarts: 2 })), 64, 0)
    expect(two.answer).toEqual({
      state: 'unsettled',
      between: [1, 20],
      reason: '2 of at least 3 restarts were made',
    })
    const equal = exampleSweep({ connections: [64], delaysUs: [0], restarts: 3, noise: 0.2, throughput: () => 9000 })
    const open = answerAt(poolTuning(equal), 64, 0)
    expect(open.answer).toMatchObject({ state: 'unsettled', between: [1, 20] })
    expect(open.pools.every(({ shown }) => shown === 'undecided')).toBe(true)
  })

  it('name the pool that is safe where a smaller one is undecided', () => {
    // Pool 5 has exactly the least throughput: no number of restarts shows either side of it.
    const record = exampleSweep({
      connections: [64],
      delaysUs: [0],
      throughput: ({ poolSize }) => (poolSize < 5 ? 5000 : poolSize === 5 ? 9500 : 10_000),
    })
    const { answer } = answerAt(poolTuning(record), 64, 0)
    expect(answer).toMatchObject({ state: 'unsettled', between: [5, 10] })
    expect(answer.state === 'unsettled' && answer.reason).toContain('10 is shown to have both')
  })

  it('stay open where a pool has no restart with enough valid slices, and name it', () => {
    const without = (poolSize: number) => {
      const slices = sweep.slices.map((slice) =>
        slice.variant.endsWith(`pool=${poolSize}`)
          ? { ...slice, doubts: [{ code: 'steal' as const, detail: 'half of the window' }] }
          : slice,
      )
      return answerAt(poolTuning({ ...sweep, slices }), 64, 2000).answer
    }
    // Of all five, 20 is the answer.
    expect(without(5)).toEqual({
      state: 'unsettled',
      between: [5, 20],
      reason:
        '20 is the smallest of the others shown to be good enough; pool 5 has no restart with enough valid slices',
    })
    expect(without(20)).toMatchObject({ state: 'unsettled', between: [10, 20] })
  })

  it('say so where a pool seldom met some other in a restart', () => {
    const equal = exampleSweep({ connections: [64], delaysUs: [0], throughput: () => 9000 })
    const slices = equal.slices.filter(
      ({ variant, restart }) =>
        !(variant.endsWith('pool=1') && restart < 2) && !(variant.endsWith('pool=20') && restart === 4),
    )
    const { answer } = answerAt(poolTuning({ ...equal, slices }), 64, 0)
    expect(answer.state === 'unsettled' && answer.reason).toContain(
      'because it was compared with some other pool in fewer than 3 restarts',
    )
  })

  it('are not measurable with a single pool size', () => {
    const { answer } = answerAt(poolTuning(exampleSweep({ ...small, pools: [5] })), 64, 0)
    expect(answer).toMatchObject({ state: 'not-measurable', reason: expect.stringContaining('only one pool size (5)') })
  })

  it('do not depend on the order of the slices', () => {
    const reversed = poolTuning({ ...sweep, slices: [...sweep.slices].reverse() })
    expect(reversed.recommendations.map(({ answer }) => answer)).toEqual(
      tuning.recommendations.map(({ answer }) => answer),
    )
    expect(reversed.sentences).toEqual(tuning.sentences)
  })

  it('leave doubtful slices out with what they are paired with', () => {
    // In the first restart pool 20 was disturbed: half its throughput, and marked.
    const slices = sweep.slices.map((slice) =>
      slice.restart === 0 && slice.variant.endsWith('pool=20')
        ? {
            ...slice,
            requests: Math.round(slice.requests / 2),
            doubts: [{ code: 'steal' as const, detail: 'half of the window' }],
          }
        : slice,
    )
    const { answer, pools: compared } = answerAt(poolTuning({ ...sweep, slices }), 64, 0)
    expect(answer).toEqual({ state: 'settled', poolSize: truth(64, 0) })
    const largest = compared.find(({ poolSize }) => poolSize === 20)
    expect(largest?.shown).toBe('non-inferior')
  })
})

it('the fastest pool is found by what it was paired with, not by the mean of its own restarts', () => {
  const rates = new Map([
    [5, 9500],
    [10, 10_000],
    [20, 9000],
  ])
  const record = exampleSweep({
    connections: [64],
    delaysUs: [0],
    throughput: ({ poolSize }) => rates.get(poolSize) ?? 5000,
  })
  // After three restarts pool 20 is too poor, 5 could not be used any more, and the machine is half as fast.
  const slices = record.slices.flatMap((slice) => {
    if (slice.restart < 3) return [slice]
    return /pool=(5|20)$/.test(slice.variant) ? [] : [{ ...slice, durationMs: 2 * slice.durationMs }]
  })
  const open = answerAt(poolTuning({ ...record, slices }), 64, 0)
  expect(open.answer.state).toBe('unsettled')
  expect(open.pools.find(({ poolSize }) => poolSize === 20)?.shown).toBe('inferior')
  expect(open.best).toBe(10)
})

describe('customary pools', () => {
  it('that nobody could use in full cost what the largest pool that could be costs', () => {
    const { customary, answer, pools } = answerAt(poolTuning(exampleSweep({ connections: [1] })), 1, 2000)
    expect(answer).toEqual({ state: 'settled', poolSize: 1 })
    const one = { value: 1, low: 1, high: 1 }
    expect(pools).toEqual([{ poolSize: 1, throughputRatio: one, p95Ratio: one, shown: 'non-inferior' }])
    const [ten, thumb] = customary
    expect(ten).toMatchObject({ poolSize: 10, measuredAs: 10, against: 1, throughputRatio: one, p95Ratio: one })
    expect(thumb).toMatchObject({ poolSize: 3, measuredAs: 2, against: 1, throughputRatio: one, p95Ratio: one })
  })

  it('are held against the recommended pool, the nearest measured standing in for one that was not', () => {
    const { customary, answer } = answerAt(tuning, 64, 2000)
    const [ten, thumb] = customary
    expect(answer).toEqual({ state: 'settled', poolSize: 20 })
    expect(ten).toMatchObject({ rule: 'node-postgres-default', poolSize: 10, measuredAs: 10, against: 20 })
    expect(thumb).toMatchObject({ rule: 'two-per-core-plus-one', poolSize: 3, measuredAs: 2, against: 20 })
    const half = modelled({ poolSize: 10, connections: 64, delayUs: 2000 })
    const whole = modelled({ poolSize: 20, connections: 64, delayUs: 2000 })
    const ratio = ten?.throughputRatio
    if (ratio === undefined || 'absent' in ratio) throw new Error('both were measured')
    expect(ratio.low).toBeLessThanOrEqual(half / whole)
    expect(ratio.high).toBeGreaterThanOrEqual(half / whole)
    expect(tuning.sentences.join('\n')).toContain('here 3 (not in the grid; nearest measured: 2)')
    expect(tuning.sentences.join('\n')).toMatch(
      /The default of node-postgres, 10, costs most with 64 connections, database 2 ms away, the worst of 4 comparisons: 0\.\d\d \[/,
    )
  })

  it('are said to cost throughput only where that is shown', () => {
    // The smallest pool is enough; 10 has a little more.
    const record = exampleSweep({
      connections: [64],
      delaysUs: [0],
      throughput: ({ poolSize }) => (poolSize === 10 ? 9100 : 9000),
    })
    const sentences = poolTuning(record).sentences.join('\n')
    expect(sentences).toMatch(
      /default of node-postgres, 10, is not shown to cost throughput anywhere \(64 connections, no distance added: 1\.0\d \[/,
    )
    expect(sentences).not.toContain('costs most')
  })

  it('fit under max_connections less what is reserved', () => {
    const { instances } = answerAt(tuning, 64, 2000)
    expect(instances).toEqual([
      { server: 'measured', poolSize: 20, fit: 5, maxConnections: 120, reservedConnections: 3 },
      { server: 'default', poolSize: 20, fit: 4, maxConnections: 100, reservedConnections: 3 },
    ])
  })
})

describe("Little's law", () => {
  it('is found to hold, and not to hold where queries found far more waiting than the wait explains', () => {
    expect(tuning.cells.every(({ littlesLaw }) => !('absent' in littlesLaw) && littlesLaw.agrees)).toBe(true)
    const slices = sweep.slices.map((slice) =>
      slice.app.pool === undefined
        ? slice
        : { ...slice, app: { ...slice.app, pool: { ...slice.app.pool, meanWaiting: 40 } } },
    )
    const cell = poolTuning({ ...sweep, slices }).cells.find(({ poolSize }) => poolSize === 20)
    expect(cell?.littlesLaw).toMatchObject({ agrees: false, foundWaiting: { value: 40 } })
  })
})

describe('scalability', () => {
  const law = { gamma: 1000, sigma: 0.08, kappa: 0.0012 }
  const levels = [1, 2, 8, 16, 32, 64]
  const lawful = (options: SweepOptions = {}): PoolTuning['scalability'][number] | undefined =>
    poolTuning(
      exampleSweep({
        connections: levels,
        pools: [5, 10],
        delaysUs: [0],
        tokens: [],
        throughput: ({ connections }) => uslThroughput(law, connections),
        ...options,
      }),
    ).scalability[0]

  it('finds the law behind the points, with its peak', () => {
    const fit = lawful()?.fit
    if (fit?.state !== 'fitted' || 'absent' in fit.peakConnections) throw new Error('the points lie on a curve')
    for (const [figure, value] of [
      [fit.gamma, law.gamma],
      [fit.sigma, law.sigma],
      [fit.kappa, law.kappa],
      [fit.peakConnections, Math.sqrt((1 - law.sigma) / law.kappa)],
    ] as const) {
      expect(figure.value / value).toBeCloseTo(1, 1)
      expect(figure.low).toBeLessThan(figure.high)
    }
  })

  it('is refused with fewer than five numbers of connections', () => {
    expect(lawful({ connections: levels.slice(0, 4) })?.fit).toEqual({
      state: 'refused',
      reason: '4 of at least 5 different numbers of connections were measured',
    })
  })

  it('is refused where the curve misses the points', () => {
    const zigzag = ({ connections }: { readonly connections: number }): number => (connections % 8 === 0 ? 9000 : 3000)
    expect(lawful({ throughput: zigzag, connections: [1, 2, 8, 9, 16, 17] })?.fit).toMatchObject({ state: 'refused' })
  })

  it('claims no peak where throughput is not seen to fall', () => {
    const fit = lawful({ connections: [1, 2, 4, 8, 16] })?.fit
    if (fit?.state !== 'fitted') throw new Error('the points lie on a curve')
    expect(fit.peakConnections).toMatchObject({
      absent: expect.stringContaining('no peak is shown within 1 to 16 connections'),
    })
    const rising = exampleSweep({
      connections: [1, 2, 4, 8, 16],
      pools: [5, 10],
      delaysUs: [0],
      tokens: [],
      throughput: ({ connections }) => uslThroughput(law, connections),
    })
    expect(poolTuning(rising).sentences.join(' ')).toContain(
      '; none is shown to have its peak within the connections measured.',
    )
  })
})

it('no peak is made by restarts in which only the most connections were still measured', () => {
  // Flat at the end: as much with 24 connections as with 32.
  const record = exampleSweep({
    restarts: 12,
    connections: [1, 2, 8, 16, 24, 32],
    pools: [5, 10],
    delaysUs: [0],
    tokens: [],
    throughput: ({ connections }) => uslThroughput({ gamma: 1000, sigma: 0.08, kappa: 0.0012 }, connections),
  })
  const slices = record.slices.flatMap((slice) => {
    if (slice.restart < 3) return [slice]
    return slice.load.connections === 32 ? [{ ...slice, durationMs: slice.durationMs / 0.9 }] : []
  })
  const fit = poolTuning({ ...record, slices }).scalability[0]?.fit
  if (fit?.state !== 'fitted') throw new Error('the points lie near a curve')
  expect(fit.peakConnections).toMatchObject({ absent: expect.stringContaining('not shown to be lower') })
})

describe('break-even', () => {
  it('tells whether a lookup costs more CPU than a token', () => {
    const shown = (token: string): string | undefined =>
      tuning.breakEven.find((one) => one.token === token && one.connections === 64 && one.poolSize === 10)?.shown
    // The fixture has a session at 61.5 us of app and database, HS256 at 23.7 and ES256 at 98.
    expect(shown('jwt:alg=HS256')).toBe('dearer')
    expect(shown('jwt:alg=ES256')).toBe('cheaper')
    const difference = tuning.breakEven.find(({ token }) => token === 'jwt:alg=HS256')?.cpuUs
    if (difference === undefined || 'absent' in difference) throw new Error('both were measured')
    expect(difference.low).toBeLessThan(34.9 + 26.6 - 23.7)
    expect(difference.high).toBeGreaterThan(34.9 + 26.6 - 23.7)
  })

  it('finds the distance at which the lines cross, or says that they do not', () => {
    const crossing = (token: string) =>
      tuning.crossings.find(
        (one) => one.token === token && one.of === 'latency' && one.connections === 64 && one.poolSize === 20,
      )?.crossing
    expect(crossing('jwt:alg=HS256')).toEqual({
      state: 'none',
      reason: 'the lookup is dearer everywhere within the 0 ms to 2 ms measured',
    })
    const cpu = tuning.crossings.find((one) => one.token === 'jwt:alg=ES256' && one.of === 'cpu')
    expect(cpu?.crossing).toMatchObject({ state: 'none', reason: expect.stringContaining('cheaper everywhere') })
    const pool10 = tuning.crossings.find(
      (one) => one.token === 'jwt:alg=ES256' && one.of === 'latency' && one.connections === 64 && one.poolSize === 10,
    )?.crossing
    if (pool10?.state !== 'crosses') throw new Error('faster than ES256 on loopback, slower at 2 ms')
    expect(pool10.dbDelayUs.low).toBeGreaterThan(0)
    expect(pool10.dbDelayUs.high).toBeLessThan(2000)
  })

  it('finds no crossing in noise, though its sign changes in every restart', () => {
    // App and database CPU of the session as that of HS256, over the control: it is the noise that decides the sign.
    const like = sweep.slices.flatMap((slice) => {
      if (slice.variant !== 'jwt:alg=HS256' || slice.load.connections !== 64) return []
      const { requests, app, database } = slice
      return 'absent' in database
        ? []
        : [{ place: `${slice.restart} ${slice.round}`, us: (app.cpuUs + database.cpuUs) / requests }]
    })
    const slices = sweep.slices.map((slice): Slice => {
      const { dbDelayUs, poolSize } = sweep.plan.variants.find(({ id }) => id === slice.variant)?.deployment ?? {}
      const token = like.find(({ place }) => place === `${slice.restart} ${slice.round}`)
      if (dbDelayUs === undefined || poolSize !== 10 || token === undefined || 'absent' in slice.database) return slice
      // Below 0 on loopback, above it at 2 ms, in every restart, by amounts so unlike that neither mean shows it.
      const us = (dbDelayUs === 0 ? -1 : 1) * (slice.restart === 1 ? 9 : 0.2)
      return {
        ...slice,
        app: { ...slice.app, cpuUs: (token.us + us) * slice.requests },
        database: { ...slice.database, cpuUs: 0 },
      }
    })
    const noisy = poolTuning({ ...sweep, slices })
    const found = noisy.crossings.find(
      (one) => one.token === 'jwt:alg=HS256' && one.of === 'cpu' && one.connections === 64 && one.poolSize === 10,
    )
    expect(found?.crossing).toEqual({ state: 'not-shown', reason: 'no difference is shown at 0 ms and 2 ms' })
  })

  it('uses the distances that were obtained, not those asked for, and says both', () => {
    const at = (one: PoolTuning) => {
      const found = one.crossings.find(
        ({ token, of, connections, poolSize }) =>
          token === 'jwt:alg=ES256' && of === 'latency' && connections === 64 && poolSize === 10,
      )?.crossing
      if (found?.state !== 'crosses') throw new Error('the lines cross')
      return found.dbDelayUs.value
    }
    const dbDelays = [{ askedUs: 2000, addedUs: { p50: 2600, p99: 2900 }, samples: 200 }]
    const obtained = poolTuning({ ...sweep, environment: { ...sweep.environment, dbDelays } })
    expect(at(obtained) / at(tuning)).toBeCloseTo(1.3)
    expect(answerAt(obtained, 64, 2000).addedDelayUs).toBe(2600)
    expect(obtained.sentences.join('\n')).toContain('database 2.6 ms away (asked for 2 ms)')
    expect(tuning.sentences.join('\n')).toContain('database 2 ms away:')
  })

  it('is left out where no token was measured', () => {
    const without = poolTuning(exampleSweep({ ...small, tokens: [] }))
    expect(without.breakEven).toEqual([])
    expect(without.crossings).toEqual([])
  })
})

describe('a sweep of table sizes', () => {
  const rate = ({ poolSize, sessions }: { readonly poolSize: number; readonly sessions?: number | undefined }) =>
    sessions === 1_000_000 && poolSize < 5 ? 6000 : 9000
  const record = exampleSweep({
    connections: [64],
    delaysUs: [0],
    sessions: [10_000, 1_000_000],
    throughput: rate,
    databaseCpu: (sessions) => (sessions === 1_000_000 ? 1.5 : 1),
  })
  const sized = poolTuning(record)

  it('has an answer for each: pools compete only with one another over the same table', () => {
    expect(sized.recommendations.map(({ sessions, answer }) => [sessions, answer])).toEqual([
      [10_000, { state: 'settled', poolSize: 1 }],
      [1_000_000, { state: 'settled', poolSize: 5 }],
    ])
    expect(sized.sentences[0]).toMatch(/^Session, no distance added, 10,000 sessions: /)
  })

  it('says what the larger table costs, in figures and in words', () => {
    expect(sized.tableSizes).toHaveLength(5)
    const [one] = sized.tableSizes ?? []
    expect(one).toMatchObject({ sessions: 1_000_000, against: 10_000, poolSize: 1 })
    // Half of the 26.6 us of database CPU that the fixture's session has.
    const { cpuUs } = one ?? {}
    if (cpuUs === undefined || 'absent' in cpuUs) throw new Error('both were measured')
    expect(cpuUs.low).toBeLessThan(13.3)
    expect(cpuUs.high).toBeGreaterThan(13.3)
    expect(one?.throughputRatio).toMatchObject({ value: expect.closeTo(6000 / 9000, 1) })
    expect(sized.sentences.join('\n')).toMatch(
      /Session with 1,000,000 sessions takes more CPU than with 10,000 \(no distance added, 64 connections, pool 5\)/,
    )
  })

  it('stands in the results, and nowhere in those of a sweep without sizes', () => {
    const estimated = estimate(record)
    expect(resultsSchema.shape.tuning.parse(estimated.tuning)).toEqual(estimated.tuning)
    expect(tuning.tableSizes).toBeUndefined()
    expect(tuning.cells.every((cell) => !('sessions' in cell))).toBe(true)
  })
})

describe('a sweep of app instances', () => {
  const record = exampleSweep({
    connections: [64],
    delaysUs: [0],
    instances: [1, 2],
    // One is done with a pool of 5; two serve 1.8 times as much, and each needs 2.
    throughput: ({ poolSize, instances = 1 }) =>
      instances === 1 ? (poolSize < 5 ? 6000 : 9000) : poolSize < 2 ? 9000 : 16_200,
  })
  const counted = poolTuning(record)

  it('has an answer for each number: pools compete only where there are as many instances', () => {
    expect(counted.recommendations.map(({ appInstances, answer }) => [appInstances, answer])).toEqual([
      [1, { state: 'settled', poolSize: 5 }],
      [2, { state: 'settled', poolSize: 2 }],
    ])
    expect(counted.sentences[0]).toMatch(/^Session, no distance added, 1 app instance: 64 connections: pool 5/)
  })

  it('says what the second brings, with intervals, in figures and in words', () => {
    expect(counted.instanceCounts).toHaveLength(5)
    const five = counted.instanceCounts?.find(({ poolSize }) => poolSize === 5)
    expect(five).toMatchObject({ appInstances: 2, against: 1 })
    const ratio = five?.throughputRatio
    if (ratio === undefined || 'absent' in ratio) throw new Error('both were measured')
    expect(ratio.low).toBeLessThan(1.8)
    expect(ratio.high).toBeGreaterThan(1.8)
    expect(five?.requestsPerSecond).toMatchObject({ value: expect.closeTo(16_200, -3) })
    expect(five?.againstRequestsPerSecond).toMatchObject({ value: expect.closeTo(9000, -3) })
    expect(counted.sentences.join('\n')).toMatch(
      /Session: 2 app instances serve more than 1 \(no distance added, 64 connections, pool 2 each\): 16,\d{3} \[[^\]]+\] requests\/s, times 2\.\d+/,
    )
  })

  it('compares numbers that stand in sets of their own over the control of each', () => {
    // As where both do not fit into one set: the second set is another hour, in which everything is half as fast.
    const slices = record.slices.flatMap((slice) => {
      const later = { ...slice, set: 1, durationMs: 2 * slice.durationMs }
      if (slice.role !== 'candidate') return [slice, later]
      return [slice.variant.includes('instances=2') ? later : slice]
    })
    const apart = poolTuning({ ...record, slices }).instanceCounts?.find(({ poolSize }) => poolSize === 5)
    const ratio = apart?.throughputRatio
    if (ratio === undefined || 'absent' in ratio) throw new Error('both were measured')
    expect(ratio.value).toBeCloseTo(1.8, 1)
  })

  it('compares over the control where too few restarts have both in one round', () => {
    const slices = record.slices.flatMap((slice) => {
      if (slice.restart < 2) return [slice]
      const ofItsOwn = { ...slice, round: slice.round + 3 }
      if (slice.role !== 'candidate') return [slice, ofItsOwn]
      return [slice.variant.includes('instances=2') ? ofItsOwn : slice]
    })
    const apart = poolTuning({ ...record, slices }).instanceCounts?.find(({ poolSize }) => poolSize === 5)
    const ratio = apart?.throughputRatio
    if (ratio === undefined || 'absent' in ratio) throw new Error('five restarts have both')
    expect(ratio.value).toBeCloseTo(1.8, 1)
  })

  it("holds Little's law against what queries found in the pool of their own instance", () => {
    const agree = counted.cells.map(({ littlesLaw }) => !('absent' in littlesLaw) && littlesLaw.agrees)
    expect(agree.every((one) => one)).toBe(true)
  })

  it('stands in the results, and nowhere in those of a sweep with one', () => {
    const estimated = estimate(record)
    expect(resultsSchema.shape.tuning.parse(estimated.tuning)).toEqual(estimated.tuning)
    expect(tuning.instanceCounts).toBeUndefined()
    expect(tuning.cells.every((cell) => !('appInstances' in cell))).toBe(true)
  })
})

it('says what this machine cannot answer, and what cores the answers hold for', () => {
  expect(tuning.cores).toEqual({ servers: 1, database: 1, shared: true })
  expect(tuning.notMeasurable.join()).toContain('not measurable on 2 cores')
  const environment: Results['environment'] = {
    ...sweep.environment,
    pinning: { servers: '2-3', database: '1', driver: '0' },
    machine: { ...sweep.environment.machine, logicalCpus: 4 },
  }
  expect(poolTuning({ ...sweep, environment }).notMeasurable).toEqual([])
  const oneEach: Results['environment'] = {
    ...environment,
    pinning: { servers: '3', database: '1', driver: '0' },
    machine: { ...environment.machine, physicalCores: 4 },
  }
  expect(poolTuning({ ...sweep, environment: oneEach }).notMeasurable).toEqual([
    'How several app instances share the database was not measured: --instances 1,2 does that here.',
  ])
})
