import { expect, it } from 'vitest'
import type { BoundedOrAbsent } from '../record/bounded.ts'
import { resultsSchema } from '../record/run.ts'
import { HarnessProcess } from './harness-process.fixture.ts'

const pointOf = (figure: BoundedOrAbsent): number => {
  if ('absent' in figure) throw new Error(figure.absent)
  return figure.value
}

// As a user starts it, with one restart more than intervals take: a disturbed one may be lost. What must hold is physics, not speed.
it('finds what a distance and a small pool do, and names no pool that is too small for them', async () => {
  await using harness = new HarnessProcess([
    ...['tune', 'pool', '--pool', '1,4', '--connections', '1,8', '--db-delay', '0,4ms', '--tokens', 'ES256'],
    ...['--restarts', '4', '--rounds', '1', '--seed', '7', '--plain-grid'],
    ...['--sessions', '1000', '--users', '200', '--postgres', 'embedded'],
  ])
  expect(await harness.ended, harness.stderr).toBe(0)
  expect(harness.stderr).toMatch(/10 cells, 4 restarts: about/)
  const results = resultsSchema.parse(harness.results())
  const pool = results.tuning?.pool
  if (pool === undefined) throw new Error('tune pool gave no answer')

  const cell = (poolSize: number, connections: number, dbDelayUs: number) => {
    const found = pool.cells.find(
      (one) => one.poolSize === poolSize && one.connections === connections && one.dbDelayUs === dbDelayUs,
    )
    if (found === undefined) throw new Error(`There is no cell ${poolSize}/${connections}/${dbDelayUs}.`)
    return found
  }
  expect(pool.cells).toHaveLength(8)
  for (const one of pool.cells) {
    expect(pointOf(one.meanBusy)).toBeLessThanOrEqual(one.poolSize)
    expect(one.maxWaiting).toBeLessThanOrEqual(one.connections)
    expect(pointOf(one.appCpuUsPerRequest)).toBeGreaterThan(0)
    expect(pointOf(one.databaseCpuUsPerRequest)).toBeGreaterThan(0)
  }

  // One connection waits for one round trip: the distance is added to its response time, and little else.
  const addedUs = cell(1, 1, 4000).addedDelayUs ?? 0
  expect(addedUs).toBeGreaterThan(3000)
  const p50 = (dbDelayUs: number) => pointOf(cell(1, 1, dbDelayUs).saturationLatency.p50Us)
  expect(p50(4000) - p50(0)).toBeGreaterThan(0.8 * addedUs)
  expect(p50(4000) - p50(0)).toBeLessThan(2 * addedUs)

  // One connection to the database answers one query a round trip, however many ask.
  const narrow = cell(1, 8, 4000)
  const bound = 1e6 / addedUs
  expect(pointOf(narrow.requestsPerSecond)).toBeLessThan(1.1 * bound)
  expect(pointOf(narrow.requestsPerSecond)).toBeGreaterThan(0.4 * bound)
  // Seven of eight wait meanwhile, by the queue that was seen and by Little's law from the waits that were timed.
  const { littlesLaw } = narrow
  if ('absent' in littlesLaw) throw new Error(littlesLaw.absent)
  expect(littlesLaw.agrees).toBe(true)
  expect(littlesLaw.foundWaiting.value).toBeGreaterThan(5)
  expect(littlesLaw.expectedWaiting.value).toBeGreaterThan(5)
  expect(pointOf(narrow.poolWait.meanUs)).toBeGreaterThan(4 * addedUs)
  // Four connections wait side by side.
  expect(pointOf(cell(4, 8, 4000).requestsPerSecond)).toBeGreaterThan(2 * pointOf(narrow.requestsPerSecond))

  const far = pool.recommendations.find(({ connections, dbDelayUs }) => connections === 8 && dbDelayUs === 4000)
  expect(far?.pools.find(({ poolSize }) => poolSize === 1)?.shown).not.toBe('non-inferior')
  expect(far?.answer).not.toEqual({ state: 'settled', poolSize: 1 })
  expect(far?.best).toBe(4)
  // It is bound to what this machine could show, and says so.
  if (!('absent' in pool.cores) && pool.cores.shared) expect(pool.sentences.join(' ')).toMatch(/share|one core/)
  expect(pool.breakEven.every(({ token }) => token === 'jwt:alg=ES256')).toBe(true)
  expect(harness.stdout).toContain(pool.sentences[0]?.slice(0, 30) ?? 'no sentence')
}, 480_000)
