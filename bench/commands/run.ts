import { Command, Option } from 'commander'
import { resolveVariants } from '../launch/strategy-file.ts'
import { makeDecide } from '../pipeline/decide.ts'
import { readConfigFile } from '../plan/config-file.ts'
import { type PlanInput, planInputSchema } from '../plan/input.ts'
import { makePlan, variantTexts } from '../plan/plan.ts'
import { announceSweep } from './announce-sweep.ts'
import type { CommandContext, ExitCode } from './command-context.ts'
import { measureAndReport } from './measure-and-report.ts'
import { profileTable } from './profile-table.ts'
import { continueRun, resumeDescription } from './resume.ts'

/** Options of `run`: the plan's fields, in the order of `--help`, with what stands for their value. */
const optionNames = {
  profile: '<name>',
  set: '<name>',
  restarts: '<n>',
  rounds: '<n>',
  slice: '<duration>',
  connections: '<n>',
  rate: '<requests/s>',
  badShare: '<share>',
  poolSize: '<n>',
  sessions: '<n>',
  users: '<n>',
  zipf: '<exponent>',
  seed: '<n>',
  out: '<folder>',
  postgres: '<where>',
  postgresImage: '<image>',
  redis: '<url>',
  precision: '<width>',
  maxTime: '<duration>',
  dbDelay: '<durations>',
  lifecycle: '<which>',
  maxCells: '<n>',
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
    .addOption(new Option('--vary <name=values>', planInputSchema.shape.vary.description).argParser(collect))
    .option('--keep-node-flags', planInputSchema.shape.keepNodeFlags.description)
    .option('--resume <folder>', resumeDescription)
    .option('--config <file>', 'JSON file with the same fields in camelCase; options win over it')
    .addHelpText('after', () => `\n${profileTable()}`)
    .action(async (variants: string[], options: Record<string, unknown>) => {
      const { resume, ...given } = options
      if (typeof resume === 'string') exit(await continueRun(context, resume, given, variants))
      else exit(await run(context, planInput(variants, given)))
    })
}

/** Given several times, all count. */
const collect = (value: string, before: readonly string[] | undefined): string[] => [...(before ?? []), value]

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

/** Codes of warnings after which a variant must not pass for a sound one. */
const wrongAnswers = ['false-accept', 'false-refusal', 'wrong-refusal'] as const

async function run(context: CommandContext, input: PlanInput): Promise<ExitCode> {
  const plan = makePlan(input, await resolveVariants(variantTexts(input)))
  announceSweep(context, plan)
  const results = await measureAndReport(context, 'run', plan, { decide: makeDecide(plan) })
  const invalid =
    results.plan.variants.some(({ state }) => state !== 'measured') ||
    results.warnings.some(({ code }) => wrongAnswers.some((wrong) => wrong === code))
  return invalid ? 3 : 0
}
