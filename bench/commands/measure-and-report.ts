import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { AuthcostError } from '../../servers/contract/errors.ts'
import { type RunOptions, runPlan } from '../pipeline/run-plan.ts'
import type { Plan } from '../plan/plan.ts'
import { planToFile } from '../plan/plan-file.ts'
import type { Results } from '../record/run.ts'
import { renderTerminal } from '../report/terminal.ts'
import { writeReport } from '../report/write-report.ts'
import { makeRunId, RunFolder } from '../results/run-folder.ts'
import type { CommandContext } from './command-context.ts'
import { withKeptRecord } from './kept-record.ts'
import { redactCommandLine } from './redact.ts'
import type { Resumed } from './resume.ts'
import { terminalProgress } from './terminal-progress.ts'

interface MeasureOptions extends Pick<RunOptions, 'decide' | 'afterServers'> {
  readonly resumed?: Resumed | undefined
}

/**
 * Measures a plan, writes the run's folder and prints the tables, for every command that measures. What was measured is
 * reported even when the run was interrupted or failed; its failure is thrown after that.
 *
 * @throws {Interruption} (command-context.ts) when the run was interrupted; its exit code is the command's.
 * @throws {AuthcostError} why the run failed.
 */
export async function measureAndReport(
  context: CommandContext,
  command: Results['run']['command'],
  plan: Plan,
  { decide, resumed, afterServers }: MeasureOptions = {},
): Promise<Results> {
  const runId = makeRunId(new Date(), randomBytes(2).toString('hex'))
  const folder = resumed === undefined ? createFolder(plan, runId) : RunFolder.reopen(resumed.path)
  const progress = terminalProgress(context.progress)
  const { results, failure } = await runPlan({
    plan,
    runId,
    command,
    commandLine: redactCommandLine(context.argv),
    folder,
    progress,
    signal: context.signal,
    decide,
    earlier: resumed?.earlier,
    onContinued: () => writePlan(folder, { ...plan, restarts: resumed?.wanted ?? plan.restarts }),
    afterServers,
  })
  progress.clear()
  if (results === undefined) {
    if (resumed === undefined) folder.discard()
    else folder.close()
    throw failure ?? new AuthcostError('run.nothing', 'Nothing was measured.')
  }
  await writeReport(results, (name, text) => folder.write(name, text))
  folder.linkLatest()
  folder.close()
  context.print(renderTerminal(results, { width: context.width, colour: context.colour }))
  context.print(`\nReport: ${relative(process.cwd(), resolve(folder.path, 'index.html'))}\n`)
  if (failure !== undefined) {
    const resumable = command !== 'micro' && existsSync(join(folder.path, 'plan.json'))
    throw withKeptRecord(failure, relative(process.cwd(), resolve(folder.path)), resumable ? plan : undefined)
  }
  return results
}

function createFolder(plan: Plan, runId: string): RunFolder {
  const folder = RunFolder.create(plan.out, runId)
  writePlan(folder, plan)
  return folder
}

/** For whoever continues the run. */
function writePlan(folder: RunFolder, plan: Plan): void {
  const file = planToFile(plan)
  if (file !== undefined) folder.write('plan.json', `${JSON.stringify(file)}\n`)
}
