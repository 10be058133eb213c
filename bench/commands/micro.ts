import { Command, Option } from 'commander'
import { usageError } from '../../servers/contract/errors.ts'
import type { ResolvedVariant } from '../../servers/contract/strategy.ts'
import { resolveVariants } from '../launch/strategy-file.ts'
import { stepsInProcess } from '../pipeline/in-process-steps.ts'
import { type PlanInput, planInputSchema } from '../plan/input.ts'
import { makePlan, type Plan } from '../plan/plan.ts'
import type { CommandContext, ExitCode } from './command-context.ts'
import { measureAndReport } from './measure-and-report.ts'
import { addPlanOptions } from './plan-options.ts'

/** What people choose between, with every verifier for one shared and one public key. Each row fills one set. */
export const defaultVariants: readonly string[] = [
  ...['session', 'sealed', 'jwt:alg=HS256'],
  ...['jwt:alg=HS256,verifier=fast-jwt', 'jwt:alg=HS256,verifier=jsonwebtoken', 'jwt:alg=HS256,verifier=node'],
  ...['jwt:alg=RS256', 'jwt:alg=EdDSA', 'jwt:alg=ES256'],
  ...['jwt:alg=ES256,verifier=fast-jwt', 'jwt:alg=ES256,verifier=jsonwebtoken', 'jwt:alg=ES256,verifier=node'],
]

/** Rounds in process, where none are asked for: a run of a task takes milliseconds, a slice over HTTP a quarter second. */
const defaultRounds = 5
/** Length of a run: some hundred samples of 0.2 ms. */
const runMs = 30
/** Node optimises hot code within some thousand calls; the dearest task makes some hundred in this time. */
const warmUpMs = 200

const optionNames = {
  restarts: '<n>',
  rounds: '<n>',
  connections: '<n>',
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
} as const satisfies Partial<Record<keyof PlanInput, string>>

/** `micro`: the authentication step alone, in process, and what share of the cost over HTTP it explains. */
export function microCommand(context: CommandContext, exit: (code: ExitCode) => void): Command {
  const command = new Command('micro')
    .summary('time the authentication step alone, in process, part by part')
    .description(
      'Times parsing, hashing, looking up, verifying and checking claims with tinybench, on the code that the servers run, and says what share of the cost over HTTP the step explains.',
    )
    .argument('[variants...]', 'what to time; default: sessions, JWTs with every verifier, sealed cookies')
  return (
    addPlanOptions(command, optionNames)
      .option('--keep-node-flags', planInputSchema.shape.keepNodeFlags.description)
      .option('--no-http', 'in process only: nothing is compared with the cost over HTTP')
      // Known so that it can be refused in words: whoever has continued another run will try it here.
      .addOption(new Option('--resume <folder>').hideHelp())
      .action(async (variants: string[], { http, resume, ...options }: MicroOptions) => {
        if (resume !== undefined) throw notContinued(resume)
        const input = { ...options, variants: variants.length === 0 ? [...defaultVariants] : variants }
        exit(await micro(context, input, http))
      })
  )
}

interface MicroOptions extends PlanInput {
  readonly http: boolean
  readonly resume?: string
}

const notContinued = (folder: string): Error =>
  usageError('usage.resume', `--resume ${folder}: micro cannot be continued. Run it again.`)

/**
 * The plan of `micro`: as many restarts as `quick` has, the servers at saturation only, because CPU per call is compared
 * with CPU per request there; without HTTP under no load at all.
 *
 * @throws {AuthcostError} a usage error that names the wrong field.
 */
export function microPlan(input: PlanInput, http: boolean, resolved?: ReadonlyMap<string, ResolvedVariant>): Plan {
  const plan = makePlan({ ...input, profile: 'quick' }, resolved)
  return { ...plan, loads: http ? plan.loads.filter(({ mode }) => mode === 'saturation') : [] }
}

async function micro(context: CommandContext, input: PlanInput, http: boolean): Promise<ExitCode> {
  const plan = microPlan(input, http, await resolveVariants(input.variants ?? []))
  const rounds = planInputSchema.parse(input).rounds ?? defaultRounds
  const results = await measureAndReport(context, 'micro', plan, {
    afterServers: stepsInProcess(plan, { rounds, runMs, warmUpMs }),
  })
  const allMeasured = results.plan.variants.every(({ state }) => state === 'measured')
  return allMeasured && results.micro?.leftOut.length === 0 ? 0 : 3
}
