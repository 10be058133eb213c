import { usageError } from '../../servers/contract/errors.ts'
import { type CoresFor, notMeasurable } from './app-instances.ts'
import { type Plan, plannedVariants } from './plan.ts'

/**
 * Gives a plan that varies the size of the thread pool two cores for its servers: on one, pool and event loop take it from
 * each other, and which size is best would be guesswork. Any other plan stays as it is.
 *
 * @throws {AuthcostError} a usage error with the reason where the cores are too few.
 */
export function requireThreadCores(plan: Plan, coresFor: CoresFor): Plan {
  if (plannedVariants(plan).every(({ deployment }) => deployment?.uvThreadpoolSize === undefined)) return plan
  const cores = coresFor(2)
  if (typeof cores !== 'number') {
    throw usageError(
      'usage.threads',
      `Which UV_THREADPOOL_SIZE is best is ${notMeasurable(cores)}. Leave threads out of --vary.`,
    )
  }
  return { ...plan, serverCores: Math.max(plan.serverCores ?? 1, cores) }
}
