import { AuthcostError } from '../../servers/contract/errors.ts'

/**
 * The failure of a run, which says as well where that stands which was measured before. What is no failure of ours (an
 * interruption has its own words, a fault in the code its own way of being told) is left as it is.
 *
 * @param folder as a user would type it
 * @param resumable whether the run can be continued from there
 */
export function withKeptRecord(failure: unknown, folder: string, resumable: boolean): unknown {
  if (!(failure instanceof AuthcostError)) return failure
  const { code, message, cause, exitCode } = failure
  const kept = `What was measured before is kept in ${folder}, with its report.`
  const goOn = resumable ? ` To go on from there: npm run bench -- run --resume ${folder}` : ''
  return new AuthcostError(code, `${message}\n${kept}${goOn}`, { cause, exitCode })
}
