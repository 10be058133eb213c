import { Command } from 'commander'
import { serverCoresFor } from '../environment/cpu-plan.ts'
import { makeDecide } from '../pipeline/decide.ts'
import { measurablePoolPlan, type PoolGridInput, poolGridDefaults } from '../plan/pool-grid.ts'
import { announceSweep } from './announce-sweep.ts'
import type { CommandContext, ExitCode } from './command-context.ts'
import { exitCodeOf } from './exit-code.ts'
import { measureAndReport } from './measure-and-report.ts'
import { described, withDefault } from './plan-options.ts'
import { continueRun, resumeDescription } from './resume.ts'

/** `tune pool`: which pool size, at which concurrency and distance to the database. */
export function tunePoolCommand(context: CommandContext, exit: (code: ExitCode) => void): Command {
  const { pool, connections, dbDelay, tokens, restarts, rounds } = poolGridDefaults
  return new Command('pool')
    .summary('which pool size, at which concurrency and distance to the database')
    .description(
      'Measures every pool size under every number of connections, and recommends the smallest pool that is shown to be as good as the best. Control and twin are always added.',
    )
    .argument('[variants...]', 'what asks Postgres (default: session)')
    .option('--pool <sizes>', withDefault('connections of the pool', pool))
    .option('--connections <levels>', withDefault('connections of the closed loop', connections))
    .option(
      '--db-delay <durations>',
      withDefault('round trips added between server and Postgres, for example 0,0.5ms,2ms', dbDelay),
    )
    .option(
      '--instances <numbers>',
      'app instances that share the database, each with a pool of its own, for example 1,2; needs two cores for the servers besides one each for Postgres and driver (default: 1)',
    )
    .option('--tokens <algorithms>', withDefault('tokens to compare with, or none', tokens))
    .option('--restarts <n>', withDefault('restarts; fewer where the recommendations are settled before', restarts))
    .option('--rounds <n>', withDefault('rounds per restart', rounds))
    .option('--slice <duration>', described('slice'))
    .option('--plain-grid', 'measure every cell in every restart, settled or not')
    .option('--sessions <n>', `${described('sessions')}; several with commas, for example 10000,1000000`)
    .option('--users <n>', described('users'))
    .option('--seed <n>', described('seed'))
    .option('--out <folder>', described('out'))
    .option('--postgres <where>', described('postgres'))
    .option('--postgres-image <image>', described('postgresImage'))
    .option('--max-cells <n>', described('maxCells'))
    .option('--resume <folder>', resumeDescription)
    .action(async (variants: string[], options: Record<string, unknown>) => {
      const { resume, ...given } = options
      if (typeof resume === 'string') exit(await continueRun(context, resume, given, variants))
      else exit(await tunePool(context, { ...given, variants }))
    })
}

async function tunePool(context: CommandContext, input: PoolGridInput): Promise<ExitCode> {
  const { plan, leftOut } = measurablePoolPlan(input, serverCoresFor)
  if (leftOut !== undefined) context.progress.write(`${leftOut}\n`)
  announceSweep(context, plan)
  const results = await measureAndReport(context, 'tune', plan, { decide: makeDecide(plan) })
  return exitCodeOf(results)
}
