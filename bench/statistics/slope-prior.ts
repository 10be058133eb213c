import { type ControlVariate, errorAsNormal, normalQuantile975, type PriorSlope } from './control-variate.ts'

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

/** Standard deviation of the slopes of kinds of requests around their common one: a look-up, a signature and an empty request do not slow down alike. */
export const betweenKinds = 0.3

/**
 * The slope of one kind of requests: the common one, and its own as far as it is known (shrunken towards the common one; Efron & Morris
 * 1975).
 *
 * @param own what its points say by themselves; undefined: nothing
 * @returns with the half-width of its distance from the common one, 95 %
 */
export function slopeOfKind(
  common: number,
  own: Pick<ControlVariate, 'slope' | 'standardError' | 'degreesOfFreedom'> | undefined,
): { readonly slope: number; readonly halfWidth: number } {
  const variance = betweenKinds ** 2
  const trust = own === undefined ? 0 : variance / (variance + errorAsNormal(own) ** 2)
  return {
    slope: common + trust * ((own?.slope ?? common) - common),
    halfWidth: normalQuantile975 * Math.sqrt(variance * (1 - trust)),
  }
}
