import type { Results } from '../record/run.ts'
import { calibrationReport } from './calibration.ts'
import { microReport } from './micro.ts'
import { tokenReport } from './token-tuning.ts'
import { tuningReport } from './tuning.ts'

/** What commands with a question of their own have to say; each absent where it was not asked. */
export function commandReports(results: Results) {
  const reports = {
    calibration: calibrationReport(results),
    micro: microReport(results),
    tuning: tuningReport(results),
    token: tokenReport(results),
  }
  const [answer] = Object.values(reports).filter((report) => report !== undefined)
  /** In place of the headline of a run. */
  const ownHeadline: readonly string[] | undefined = answer?.headline
  return { ...reports, ownHeadline }
}
