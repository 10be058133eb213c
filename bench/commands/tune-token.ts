import { Command } from 'commander'
import { planCpusHere } from '../environment/cpu-plan.ts'
import { type TokenGridInput, tokenGridDefaults, tokenTuningPlan } from '../plan/token-grid.ts'
import { announceSweep } from './announce-sweep.ts'
import type { CommandContext, ExitCode } from './command-context.ts'
import { exitCodeOf } from './exit-code.ts'
import { measureAndReport } from './measure-and-report.ts'
import { described, withDefault } from './plan-options.ts'
import { continueRun, resumeDescription } from './resume.ts'

/** `tune token`: the cheapest token that meets given needs, and what the second choice would cost. */
export function tuneTokenCommand(context: CommandContext, exit: (code: ExitCode) => void): Command {
  return new Command('token')
    .summary('which algorithm and library, for what is needed')
    .description(
      'Measures algorithms, libraries, key forms and sizes of tokens over HTTP, and recommends the cheapest that meets the needs. Without lists: the usual algorithms with the libraries that know them. With any list: every combination; what is not named stays at its default.',
    )
    .option('--alg <names>', 'signature algorithms, for example HS256,ES256')
    .option('--verifier <names>', 'libraries that verify: jose, fast-jwt, jsonwebtoken, node')
    .option('--key <forms>', 'forms of the key: best, cryptokey, keyobject, bytes, pem')
    .option('--modulus <bits>', 'sizes of RSA keys, for example 2048,3072')
    .option('--claims <bytes>', 'sizes of a further claim, for example 0,500')
    .option('--threads <sizes>', 'sizes of the thread pool (UV_THREADPOOL_SIZE); needs two cores for the servers')
    .option('--asymmetric', 'who verifies must not be able to sign')
    .option('--post-quantum', 'the signature must be a post-quantum one (ML-DSA)')
    .option('--max-bytes <n>', 'most bytes of the credential as sent, header name included')
    .option('--restarts <n>', withDefault('times all servers are started afresh', tokenGridDefaults.restarts))
    .option('--rounds <n>', withDefault('rounds per restart at saturation', tokenGridDefaults.rounds))
    .option('--rate <requests/s>', described('rate'))
    .option('--seed <n>', described('seed'))
    .option('--out <folder>', described('out'))
    .option('--postgres <where>', described('postgres'))
    .option('--postgres-image <image>', described('postgresImage'))
    .option('--max-cells <n>', described('maxCells'))
    .option('--resume <folder>', resumeDescription)
    .action(async (options: Record<string, unknown>) => {
      const { resume, ...given } = options
      if (typeof resume === 'string') exit(await continueRun(context, resume, given))
      else exit(await tuneToken(context, given))
    })
}

async function tuneToken(context: CommandContext, input: TokenGridInput): Promise<ExitCode> {
  const cpus = planCpusHere(2)
  const plan = tokenTuningPlan(input, 'absent' in cpus ? cpus : true)
  for (const { combination, reason } of plan.tokenGrid?.leftOut ?? [])
    context.progress.write(`Not in the grid: ${combination}: ${reason}\n`)
  announceSweep(context, plan)
  const results = await measureAndReport(context, 'tune', plan)
  return exitCodeOf(results)
}
