import type { Absent, CoreSpeed } from '../../record/slice.ts'
import { mean, quantileOfSorted } from '../../statistics/samples.ts'

/** A timer tick or an interrupt that falls into a sample says nothing of the core's speed: the dearest fifth is left out. */
const keptShare = 0.8
/** Neighbours come and go within milliseconds: the fastest tenth met none, in all but the worst slices. */
const undisturbedShare = 0.1
/** Below this the mean means little; a slice of 0.1 s has 20. */
const fewestSamples = 10

/** Condenses the samples of one slice. */
export function readingOf({
  workUs,
  cpuUs,
}: {
  readonly workUs: readonly number[]
  readonly cpuUs: number
}): Omit<CoreSpeed, 'sharedCores'> | Absent {
  if (workUs.length < fewestSamples) return { absent: `only ${workUs.length} samples of the cores' speed` }
  const sorted = [...workUs].sort((a, b) => a - b)
  return {
    workUs: mean(sorted.slice(0, Math.ceil(keptShare * workUs.length))),
    fastestWorkUs: quantileOfSorted(sorted, undisturbedShare),
    samples: workUs.length,
    probeCpuUs: cpuUs,
  }
}
