import type { PriorSlope } from './control-variate.ts'

/**
 * By what power CPU per request goes with the work of the speed probe on a machine nothing is known of. Of 74 runs on one shared host
 * four fifths had 0.4 to 1.0, of six on another processor all standard ones 1.4 to 1.9 (docs/method.md, Core speed).
 */
export const unknownMachine: PriorSlope = { mean: 1.1, standardDeviation: 0.5 }

/** Standard deviation of runs on one machine around their mean: disturbances differ. */
export const betweenRuns = 0.25

/** What one run found by itself. */
export interface FoundSlope {
  readonly slope: number
  readonly standardError: number
}

/**
 * What is known of a run's slope beforehand, from earlier runs on the same machine: normal. Each counts by its own error and by how
 * runs differ (a random-effects mean with a prior; DerSimonian & Laird 1986 for the weights), and this run differs as they do.
 */
export function slopeAfter(earlier: readonly FoundSlope[]): PriorSlope {
  if (earlier.length === 0) return unknownMachine
  // What an unknown machine's slope has of its own, besides what its runs differ by.
  let precision = 1 / (unknownMachine.standardDeviation ** 2 - betweenRuns ** 2)
  let weighted = precision * unknownMachine.mean
  for (const { slope, standardError } of earlier) {
    const weight = 1 / (standardError ** 2 + betweenRuns ** 2)
    precision += weight
    weighted += weight * slope
  }
  return { mean: weighted / precision, standardDeviation: Math.sqrt(1 / precision + betweenRuns ** 2) }
}
