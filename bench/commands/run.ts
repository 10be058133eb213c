import { Command, Option } from 'commander'
import { AuthcostError, usageError } from '../../servers/contract/errors.ts'
import { serverCoresFor } from '../environment/cpu-plan.ts'
import { resolveVariants } from '../launch/strategy-file.ts'
import { makeDecide } from '../pipeline/decide.ts'
import { requireInstanceCores } from '../plan/app-instances.ts'
import { overlaid, readConfigFile } from '../plan/config-file.ts'
import { type PlanInput, parsePlanInput, planInputSchema } from '../plan/input.ts'
import { makePlan, variantTexts } from '../plan/plan.ts'
import { requireThreadCores } from '../plan/thread-pool.ts'
import { announceSweep } from './announce-sweep.ts'
import type { CommandContext, ExitCode } from './command-context.ts'
import { exitCodeOf } from './exit-code.ts'
import { measureAndReport } from './measure-and-report.ts'
import { addPlanOptions, described, withDefault } from './plan-options.ts'
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
  redisImage: '<image>',
  precision: '<width>',
  maxTime: '<duration>',
  dbDelay: '<durations>',
  lifecycle: '<which>',
  maxCells: '<n>',
} as const satisfies Partial<Record<keyof PlanInput, string>>

/** `run`: measures variants and writes a report; what happens when no command is named. */
export function runCommand(context: CommandContext, exit: (code: ExitCode) => void): Command {
  const command = new Command('run')
    .summary('measure variants against the control and write a report (default)')
    .description('Measures what authentication costs per request. Control and twin are always added.')
    .argument('[variants...]', planInputSchema.shape.variants.description)
  return addPlanOptions(command, optionNames, describedWithDefault)
    .addOption(new Option('--vary <name=values>', planInputSchema.shape.vary.description).argParser(collect))
    .option('--bad-kinds', planInputSchema.shape.badKinds.description)
    .option('--keep-node-flags', planInputSchema.shape.keepNodeFlags.description)
    .option('--resume <folder>', resumeDescription)
    .option('--config <file>', 'JSON file with the same fields in camelCase; options win over it')
    .addHelpText('after', () => `\n${profileTable()}`)
    .action(async (variants: string[], options: Record<string, unknown>) => {
      const { resume, ...given } = options
      if (typeof resume === 'string') exit(await continueRun(context, resume, given, variants))
      else
        exit(
          await run(context, planInput(variants, given)).catch((error: unknown) =>
            Promise.reject(orCommand(error, context, variants)),
          ),
        )
    })
}

/** A word in place of a command is taken for a variant of `run`; who misspelt a command must not be told of strategies only. */
function orCommand(error: unknown, { argv }: CommandContext, [first]: readonly string[]): unknown {
  const unknownWord = error instanceof AuthcostError && error.code === 'usage.strategy' && argv[0] === first
  return unknownWord
    ? usageError('usage.command', `"${first}" is no command (--help lists them). ${error.message}`)
    : error
}

/** Given several times, all count. */
const collect = (value: string, before: readonly string[] | undefined): string[] => [...(before ?? []), value]

function describedWithDefault(name: string): string {
  const parsed = planInputSchema.safeParse({})
  const value: unknown = parsed.success ? Object.entries(parsed.data).find(([field]) => field === name)?.[1] : undefined
  return value === undefined ? described(name) : withDefault(described(name), value)
}

/** The config file, overlaid by what was typed. */
function planInput(variants: readonly string[], options: Readonly<Record<string, unknown>>): PlanInput {
  const { config, ...given } = options
  const base = typeof config === 'string' ? readConfigFile(config) : {}
  return overlaid(base, { ...given, ...(variants.length === 0 ? {} : { variants: [...variants] }) })
}

async function run(context: CommandContext, input: PlanInput): Promise<ExitCode> {
  const planned = makePlan(input, await resolveVariants(variantTexts(input)))
  const plan = requireThreadCores(requireInstanceCores(planned, serverCoresFor), serverCoresFor)
  announceSweep(context, plan, parsePlanInput(input).vary.length > 0)
  const results = await measureAndReport(context, 'run', plan, { decide: makeDecide(plan) })
  return exitCodeOf(results)
}
