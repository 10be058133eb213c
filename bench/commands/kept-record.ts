import { AuthcostError } from '../../servers/contract/errors.ts'
import type { Plan } from '../plan/plan.ts'

/**
 * The failure of a run, which says as well where that stands which was measured before. What is no failure of ours (an
 * interruption has its own words, a fault in the code its own way of being told) is left as it is.
 *
 * @param folder as a user would type it
 * @param resumable the plan, where the run can be continued from there. Addresses in it are not kept, nor told here.
 */
export function withKeptRecord(
  failure: unknown,
  folder: string,
  resumable: Pick<Plan, 'postgres' | 'redis'> | undefined,
): unknown {
  if (!(failure instanceof AuthcostError)) return failure
  const { code, message, cause, exitCode } = failure
  const kept = `What was measured before is kept in ${folder}, with its report.`
  const goOn =
    resumable === undefined ? '' : ` To go on from there${again(resumable)}: npm run bench -- run --resume ${folder}`
  return new AuthcostError(code, `${message}\n${kept}${goOn}`, { cause, exitCode })
}

function again({ postgres, redis }: Pick<Plan, 'postgres' | 'redis'>): string {
  const options = [...(postgres.includes('://') ? ['--postgres'] : []), ...(redis === undefined ? [] : ['--redis'])]
  return options.length === 0 ? '' : ` (give ${options.join(' and ')} again)`
}
