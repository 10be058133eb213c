import { usageError } from '../../servers/contract/errors.ts'
import type { Absent } from '../record/slice.ts'
import { instancesOf } from './deployment.ts'
import { type Plan, plannedVariants } from './plan.ts'

/** How many cores the servers can have here when so many app instances are to share them, or why they are too few. */
export type CoresFor = (instances: number) => number | Absent

/**
 * Gives a plan the cores that its app instances can fill; one without several instances stays as it is.
 *
 * @returns absent, with the reason, where the cores are too few: instances on one would only take it from each other.
 */
export function withInstanceCores(plan: Plan, coresFor: CoresFor): Plan | Absent {
  const most = Math.max(...plannedVariants(plan).map(({ deployment }) => instancesOf(deployment)))
  if (most === 1) return plan
  const cores = coresFor(most)
  return typeof cores === 'number' ? { ...plan, serverCores: cores } : cores
}

/**
 * The same for who cannot do without them.
 *
 * @throws {AuthcostError} a usage error with the reason.
 */
export function requireInstanceCores(plan: Plan, coresFor: CoresFor): Plan {
  const given = withInstanceCores(plan, coresFor)
  if ('absent' in given)
    throw usageError('usage.instances', `${notMeasurableText(given)} Leave instances out of --vary.`)
  return given
}

/** `App instances are not measurable on 2 cores: ...` */
export const notMeasurableText = (reason: Absent): string => `App instances are ${notMeasurable(reason)}.`

/** Why there are no cores, as the end of a sentence on what they were wanted for. */
export const notMeasurable = ({ absent }: Absent): string =>
  absent.startsWith('not measurable') ? absent : `not measurable here: ${absent}`
