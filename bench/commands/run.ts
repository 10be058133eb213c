import { randomBytes } from 'node:crypto'
import { relative, resolve } from 'node:path'
import { Command, Option } from 'commander'
import { AuthcostError } from '../../servers/contract/errors.ts'
import { makeDecide } from '../pipeline/decide.ts'
import { runPlan } from '../pipeline/run-plan.ts'
import { readConfigFile } from '../plan/config-file.ts'
import { type PlanInput, planInputSchema } from '../plan/input.ts'
import { makePlan } from '../plan/plan.ts'
import { renderTerminal } from '../report/terminal.ts'
import { writeReport } from '../report/write-report.ts'
import { makeRunId, RunFolder } from '../results/run-folder.ts'
import type { CommandContext, ExitCode } from './command-context.ts'
import { Interruption } from './command-context.ts'
import { profileTable } from './profile-table.ts'
import { redactCommandLine } from './redact.ts'
import { terminalProgress } from './terminal-progress.ts'

/** Options of `run`: the plan's fields, in the order of `--help`, with what stands for their value. */
const optionNames = {
  profile: '<name>',
  restarts: '<n>',
  rounds: '<n>',
  slice: '<duration>',
  connections: '<n>',
  rate: '<requests/s>',
  poolSize: '<n>',
  sessions: '<n>',
  users: '<n>',
  zipf: '<exponent>',
  seed: '<n>',
  out: '<folder>',
  postgres: '<where>',
  postgresImage: '<image>',
  precision: '<width>',
  maxTime: '<duration>',
} as const satisfies Partial<Record<keyof PlanInput, string>>

const kebab = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

/** `run`: measures variants and writes a report; what happens when no command is named. */
export function runCommand(context: CommandContext, exit: (code: ExitCode) => void): Command {
  const command = new Command('run')
    .summary('measure variants against the control and write a report (default)')
    .description('Measures what authentication costs per request. Control and twin are always added.')
    .argument('[variants...]', planInputSchema.shape.variants.description)
  for (const [name, value] of Object.entries(optionNames)) {
    const shape: Record<string, { readonly description?: string | undefined }> = planInputSchema.shape
    command.addOption(new Option(`--${kebab(name)} ${value}`, describe(name, shape[name]?.description ?? '')))
  }
  return command
    .option('--keep-node-flags', planInputSchema.shape.keepNodeFlags.description)
    .option('--config <file>', 'JSON file with the same fields in camelCase; options win over it')
    .addHelpText('after', () => `\n${profileTable()}`)
    .action(async (variants: string[], options: Record<string, unknown>) => {
      exit(await run(context, planInput(variants, options)))
    })
}

function describe(name: string, description: string): string {
  const parsed = planInputSchema.safeParse({})
  const value: unknown = parsed.success ? Object.entries(parsed.data).find(([field]) => field === name)?.[1] : undefined
  return value === undefined ? description : `${description} (default: ${String(value)})`
}

/** The config file, overlaid by what was typed. */
function planInput(variants: readonly string[], options: Readonly<Record<string, unknown>>): PlanInput {
  const { config, ...given } = options
  const base = typeof config === 'string' ? readConfigFile(config) : {}
  return { ...base, ...given, ...(variants.length === 0 ? {} : { variants: [...variants] }) }
}

async function run(context: CommandContext, input: PlanInput): Promise<ExitCode> {
  const plan = makePlan(input)
  const runId = makeRunId(new Date(), randomBytes(2).toString('hex'))
  const progress = terminalProgress(context.progress)
  const outcome = await runPlan({
    plan,
    runId,
    command: 'run',
    commandLine: redactCommandLine(context.argv),
    createFolder: () => RunFolder.create(plan.out, runId),
    progress,
    signal: context.signal,
    decide: makeDecide(plan),
  })
  progress.clear()
  const { results, folder, failure } = outcome
  if (results === undefined || folder === undefined)
    throw failure ?? new AuthcostError('run.nothing', 'Nothing was measured.')
  await writeReport(results, (name, text) => folder.write(name, text))
  folder.linkLatest()
  folder.close()
  context.print(renderTerminal(results, { width: context.width, colour: context.colour }))
  context.print(`\nReport: ${relative(process.cwd(), resolve(folder.path, 'index.html'))}\n`)
  if (failure instanceof Interruption) return failure.exitCode
  if (failure !== undefined) throw failure
  return results.plan.variants.some(({ state }) => state !== 'measured') ? 3 : 0
}
