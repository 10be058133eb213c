import { Command } from 'commander'
import { calibrationOf } from '../estimates/calibration.ts'
import type { PlanInput } from '../plan/input.ts'
import { makePlan, type Plan } from '../plan/plan.ts'
import type { PlannedLoad } from '../plan/planned-load.ts'
import type { Results } from '../record/run.ts'
import type { CommandContext, ExitCode } from './command-context.ts'
import { measureAndReport } from './measure-and-report.ts'
import { addPlanOptions } from './plan-options.ts'

/** Known costs from well below to well above what is measured for real. */
export const knownCosts: readonly string[] = [
  'synthetic:cpu=2us',
  'synthetic:cpu=10us',
  'synthetic:cpu=50us',
  'synthetic:wait=1ms',
]

/** No known cost looks a session up: enough that users differ, no more. */
const population = { sessions: 1000, users: 1000 }

/** Waits are recovered unloaded too, which `quick` does not measure otherwise. */
const unloaded: PlannedLoad = { mode: 'unloaded', sliceMs: 250, rounds: 1 }

const optionNames = {
  profile: '<name>',
  restarts: '<n>',
  rounds: '<n>',
  seed: '<n>',
  out: '<folder>',
  postgres: '<where>',
  postgresImage: '<image>',
} as const satisfies Partial<Record<keyof PlanInput, string>>

/** `calibrate`: injects known costs and says how well this machine recovers them. */
export function calibrateCommand(context: CommandContext, exit: (code: ExitCode) => void): Command {
  const command = new Command('calibrate')
    .summary('measure known costs: how small a cost can this machine resolve?')
    .description(
      'Runs known costs through the same path as everything else and says what was recovered of them. Exit code 1 when a known amount of CPU was missed at saturation, or could not be looked for.',
    )
  return addPlanOptions(command, optionNames).action(async (options: PlanInput) => {
    exit(await calibrate(context, options))
  })
}

/**
 * The plan of a calibration: the profile's restarts and rounds over control, twin and the known costs.
 *
 * @throws {AuthcostError} a usage error that names the wrong field.
 */
export function calibrationPlan(input: PlanInput): Plan {
  const plan = makePlan({ ...input, ...population, variants: [...knownCosts] })
  return {
    ...plan,
    loads: plan.loads.some(({ mode }) => mode === 'unloaded') ? plan.loads : [...plan.loads, unloaded],
    // Neither the idling of production's flags nor Postgres has a part in a known cost.
    productionFlags: false,
    lifecycle: false,
    restartPostgres: false,
  }
}

async function calibrate(context: CommandContext, input: PlanInput): Promise<ExitCode> {
  return calibrationExitCode(await measureAndReport(context, 'calibrate', calibrationPlan(input)))
}

/** 3 where a variant was left out, 1 where a known amount of CPU was missed or could not be looked for. */
export function calibrationExitCode(results: Results): ExitCode {
  if (results.plan.variants.some(({ state }) => state !== 'measured')) return 3
  return isProven(results) ? 0 : 1
}

/** Whether every known amount of CPU was looked for at saturation, and none missed. */
export function isProven(results: Results, costs: readonly string[] = knownCosts): boolean {
  const wanted = costs.filter((id) => id.includes('cpu=')).length
  const found = calibrationOf(results).recoveries.filter(
    ({ amount, load, verdict }) => amount === 'cpu' && load.mode === 'saturation' && verdict !== 'missed',
  )
  return found.length === wanted
}
