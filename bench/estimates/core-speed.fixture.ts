import type { Slice } from '../record/slice.ts'
import { createRandom } from '../statistics/random.ts'

/**
 * The same run on a machine whose cores slow down by up to 70 % for stretches of a few slices. What burns by the clock takes as long
 * as before.
 */
export function disturbed(slices: readonly Slice[], { probeNoise = 0.02, sharedCores = true } = {}): Slice[] {
  const random = createRandom(7, 'disturbed')
  let state = 0
  return slices.map((slice) => {
    state = 0.7 * state + random.normal()
    const slowness = Math.exp(0.35 * Math.max(0, state))
    const { app, database } = slice
    const burntUs = (app.strategy.syntheticCpuNs ?? 0) / 1000
    const workUs = 49 * slowness * Math.exp(probeNoise * random.normal())
    return {
      ...slice,
      app: { ...app, cpuUs: burntUs + (app.cpuUs - burntUs) * slowness },
      database: 'absent' in database ? database : { ...database, cpuUs: database.cpuUs * slowness },
      coreSpeed: {
        workUs,
        // Some of the samples of a slice meet no neighbour.
        fastestWorkUs: Math.min(workUs, 48 * Math.exp(0.01 * random.normal())),
        samples: 48,
        probeCpuUs: 2500,
        sharedCores,
      },
    }
  })
}
