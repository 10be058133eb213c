import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { usageError } from '../../servers/contract/errors.ts'
import { isUnderWay } from '../environment/clean-up.ts'
import { estimate } from '../estimates/estimate.ts'
import { decideSoFar, makeDecide } from '../pipeline/decide.ts'
import { parsePlanInput } from '../plan/input.ts'
import type { Plan } from '../plan/plan.ts'
import { planFromFile } from '../plan/plan-file.ts'
import { restartsBegun, restartsWhole } from '../record/restarts.ts'
import type { Results } from '../record/run.ts'
import { readResults } from '../results/read-results.ts'
import { announceRest } from './announce-sweep.ts'
import { calibrationExitCode } from './calibrate.ts'
import type { CommandContext, ExitCode } from './command-context.ts'
import { exitCodeOf } from './exit-code.ts'
import { measureAndReport } from './measure-and-report.ts'

export const resumeDescription =
  'go on with an interrupted run in its folder: whole restarts are added; only --restarts, --postgres and --redis go with it'

/** What may be said anew of a run that goes on: everything else stands in its plan. */
const resumable = new Set(['restarts', 'postgres', 'redis'])

/**
 * `--resume`: goes on with a run, whatever command began it.
 *
 * @param given options as typed; `variants` likewise
 */
export async function continueRun(
  context: CommandContext,
  path: string,
  given: Readonly<Record<string, unknown>>,
  variants: readonly string[] = [],
): Promise<ExitCode> {
  const other = [...variants, ...Object.keys(given).filter((name) => !resumable.has(name))]
  if (other.length > 0) {
    throw usageError(
      'usage.resume',
      `--resume goes on with the plan of ${path}: leave out ${other.join(', ')}. Only --restarts, --postgres and --redis go with it.`,
    )
  }
  const { restarts, postgres, redis } = parsePlanInput(given)
  const resumed = readResumed(path, { restarts, redis, ...('postgres' in given ? { postgres } : {}) })
  const { plan, earlier } = resumed
  const begun = restartsBegun(earlier)
  announceRest(context, plan, begun, decideSoFar(plan, earlier)?.isActive)
  const decide = makeDecide(plan, begun)
  const results = await measureAndReport(context, earlier.run.command, plan, { decide, resumed })
  return resumedExitCode(results)
}

/** As the command that began the run ends. */
export const resumedExitCode = (results: Results): ExitCode =>
  results.run.command === 'calibrate' ? calibrationExitCode(results) : exitCodeOf(results)

/** An earlier run that is to go on: whole restarts are added to it, in its own folder. */
export interface Resumed {
  /** With as many restarts as will have been begun in the end, those that were cut short included. */
  readonly plan: Plan
  /** Whole restarts in the end. */
  readonly wanted: number
  readonly path: string
  readonly earlier: Results
}

export interface ResumeOptions {
  /** Whole restarts in the end; absent: as planned then. */
  readonly restarts?: number | undefined
  readonly postgres?: string | undefined
  readonly redis?: string | undefined
}

/**
 * Reads what is needed to continue a run.
 *
 * @param path its folder
 * @throws {AuthcostError} a usage error where there is nothing to continue, or nothing left to add.
 */
export function readResumed(path: string, options: ResumeOptions): Resumed {
  if (!existsSync(path)) throw usageError('usage.resume', `There is no ${path}.`)
  // `latest` leads to a run, and will be made to lead to this one again.
  const folder = realpathSync(path)
  const planPath = join(folder, 'plan.json')
  const record = join(folder, 'slices.ndjson')
  if (!existsSync(record)) throw usageError('usage.resume', `${path} is no folder of a run: it has no slices.ndjson.`)
  if (!existsSync(planPath)) {
    throw usageError(
      'usage.resume',
      `${path} cannot be continued: it has no plan.json (runs with a strategy file of yours have none).`,
    )
  }
  if (isUnderWay(basename(folder))) {
    throw usageError('usage.resume', `${path} is being measured right now. Wait for it to end, or end it with Ctrl-C.`)
  }
  const plan = planFromFile(parseJson(planPath), { ...options, out: dirname(folder) })
  const earlier = readResults(record, estimate)
  if (earlier.run.command === 'micro') {
    throw usageError('usage.resume', `${path} was made by micro, which cannot be continued. Run it again.`)
  }
  const wanted = options.restarts ?? plan.restarts
  const missing = wanted - restartsWhole(earlier)
  if (missing <= 0) {
    throw usageError(
      'usage.resume',
      `${path} is finished (restarts: ${restartsWhole(earlier)}). To add to it, ask for more with --restarts.`,
    )
  }
  if (decideSoFar(plan, earlier)?.stop === true) {
    throw usageError(
      'usage.resume',
      `${path} is finished (restarts: ${restartsWhole(earlier)}): every recommendation is settled, and what is settled gets no further rounds. To measure every cell in every restart, begin a run with --plain-grid.`,
    )
  }
  return { plan: { ...plan, restarts: restartsBegun(earlier) + missing }, wanted, path: folder, earlier }
}

function parseJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (cause) {
    throw usageError(
      'usage.resume',
      `plan.json cannot be read: ${cause instanceof Error ? cause.message : cause}.`,
      cause,
    )
  }
}
