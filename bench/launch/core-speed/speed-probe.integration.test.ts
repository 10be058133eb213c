import { setTimeout } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { SpeedProbe } from './speed-probe.ts'

test('samples between begin and end, and only then', async () => {
  await using probe = await SpeedProbe.start()
  await probe.begin()
  await setTimeout(300)
  const first = await probe.end()
  if ('absent' in first) throw new Error(first.absent)
  expect(first.samples).toBeGreaterThan(10)
  expect(first.samples).toBeLessThanOrEqual(300 / 5 + 20)
  expect(first.workUs).toBeGreaterThan(0)
  // All samples are CPU of the probe; what is left out of the mean, and the timer, are more.
  expect(first.probeCpuUs).toBeGreaterThan(0.8 * first.samples * first.workUs)
  await setTimeout(100)
  expect(await probe.end()).toMatchObject({ samples: first.samples })
})

test('the work takes the same from the first samples on: nothing compiles it meanwhile', async () => {
  await using probe = await SpeedProbe.start()
  const cheapest: number[] = []
  for (let window = 0; window < 8; window++) {
    await probe.begin()
    await setTimeout(250)
    const reading = await probe.end()
    if (!('absent' in reading)) cheapest.push(reading.workUs)
  }
  // Optimized in the middle, the work would take half as long and less; a neighbour makes it dearer for a while.
  const [early, late] = [Math.min(...cheapest.slice(0, 4)), Math.min(...cheapest.slice(4))]
  expect(late / early).toBeGreaterThan(0.6)
})

test('a probe that has died says so, and throws nothing', async () => {
  const probe = await SpeedProbe.start()
  process.kill(probe.pid, 'SIGKILL')
  await setTimeout(100)
  await probe.begin()
  expect(await probe.end()).toEqual({ absent: expect.stringContaining('speed probe') })
  await probe[Symbol.asyncDispose]()
})
