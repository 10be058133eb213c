import { expect, it } from 'vitest'
import { TimedTask } from './timed-run.ts'

const places = 5

it('walks on through all places, from run to run, and counts calls as samples times batch', async () => {
  const seen: number[] = []
  const task = new TimedTask(
    { name: 'parse', kind: 'part', async: false, call: (place) => seen.push(place) },
    1,
    places,
  )
  await task.warmUp(5)
  const warm = seen.length
  const first = await task.run(5)
  expect(seen.length - warm).toBe(first.calls)
  expect(first.calls).toBe(first.samples * first.batch)
  await task.run(5)
  expect(seen.every((place, index) => place === index % places)).toBe(true)
})

it('makes samples of cheap calls larger than one call', async () => {
  const task = new TimedTask({ name: 'parse', kind: 'part', async: false, call: (place) => place + 1 }, 1, places)
  await task.warmUp(20)
  expect((await task.run(5)).batch).toBeGreaterThan(100)
})

it('keeps exactly as many asynchronous calls under way as asked', async () => {
  let underWay = 0
  let most = 0
  const call = async () => {
    underWay++
    most = Math.max(most, underWay)
    await new Promise((resolve) => setImmediate(resolve))
    underWay--
  }
  const single = new TimedTask({ name: 'look up', kind: 'part', async: true, call }, 1, places)
  await single.warmUp(5)
  await single.run(5)
  expect(most).toBe(1)
  const several = new TimedTask({ name: 'look up', kind: 'part', async: true, call }, 4, places)
  await several.warmUp(5)
  const run = await several.run(5)
  expect(most).toBe(4)
  expect(run.inFlight).toBe(4)
})

it('waits for a promise: its time is that of the work behind it', async () => {
  const waitMs = 2
  const call = () => new Promise((resolve) => setTimeout(resolve, waitMs))
  const task = new TimedTask({ name: 'look up', kind: 'part', async: true, call }, 1, places)
  await task.warmUp(1)
  // Timers may fire a millisecond early, never at once.
  expect((await task.run(10)).minUs).toBeGreaterThan((waitMs - 1) * 1000 * 0.9)
})

it('reports statistics that fit one another', async () => {
  const task = new TimedTask(
    { name: 'verify', kind: 'step', async: false, call: (place) => Math.sqrt(place) },
    1,
    places,
  )
  await task.warmUp(5)
  const { minUs, medianUs, p99Us, madUs, cpuUs } = await task.run(20)
  expect(minUs).toBeLessThanOrEqual(medianUs)
  expect(medianUs).toBeLessThanOrEqual(p99Us)
  expect(madUs).toBeLessThanOrEqual(p99Us - minUs)
  expect(cpuUs).toBeGreaterThan(0)
})

it.each([true, false])('says which task threw, and with what (async: %s)', async (async) => {
  const fail = () => {
    throw new Error('no key')
  }
  const task = new TimedTask(
    { name: 'verify', kind: 'part', async, call: async ? async () => fail() : fail },
    1,
    places,
  )
  await expect(task.run(5)).rejects.toThrow('"verify" could not be timed: no key')
})
