#!/usr/bin/env node
import { Command, CommanderError } from 'commander'
import { AuthcostError } from '../servers/contract/errors.ts'
import { calibrateCommand } from './commands/calibrate.ts'
import { type CommandContext, type ExitCode, Interruption } from './commands/command-context.ts'
import { compareCommand } from './commands/compare.ts'
import { doctorCommand } from './commands/doctor.ts'
import { firstFailure } from './commands/first-failure.ts'
import { microCommand } from './commands/micro.ts'
import { reportCommand } from './commands/report.ts'
import { runCommand } from './commands/run.ts'
import { serveCommand } from './commands/serve.ts'
import { strategiesCommand } from './commands/strategies.ts'
import { tuneCommand } from './commands/tune.ts'

// The Ctrl-C that ends a run ends the `tee` behind it as well: the run still has to stop in order, with nobody reading.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })
}

/** npm passes on the Ctrl-C that the terminal has sent to everybody: one key, two signals. */
const sameKeyMs = 500
const interruption = new AbortController()
let interruptedAtMs = Number.POSITIVE_INFINITY
const onSignal = (exitCode: 130 | 143) => () => {
  if (interruption.signal.aborted) {
    // The second one means it: whoever is left ends with the closing of its channel, or at the next run.
    if (performance.now() - interruptedAtMs > sameKeyMs) process.exit(exitCode)
    return
  }
  interruptedAtMs = performance.now()
  process.stderr.write('\nStopping; what was measured is kept. Once more to leave at once.\n')
  interruption.abort(new Interruption(exitCode))
}
process.on('SIGINT', onSignal(130))
process.on('SIGTERM', onSignal(143))

const context: CommandContext = {
  print: (text) => process.stdout.write(text),
  progress: {
    isTTY: process.stderr.isTTY === true,
    columns: process.stderr.columns ?? 80,
    write: (text) => process.stderr.write(text),
  },
  // COLUMNS is how a pipe is told the width of the terminal behind it.
  width: process.stdout.columns ?? (Number.parseInt(process.env.COLUMNS ?? '', 10) || 100),
  colour: process.stdout.isTTY === true && process.env.NO_COLOR === undefined,
  signal: interruption.signal,
  argv: process.argv.slice(2),
}

let exitCode: ExitCode = 0
const exit = (code: ExitCode) => {
  exitCode = code
}

const program = new Command('authcost')
  .description('Measures what authentication costs per request: sessions in Postgres against JWTs, with intervals.')
  .version('0.1.0')
  .addCommand(runCommand(context, exit), { isDefault: true })
  .addCommand(microCommand(context, exit))
  .addCommand(tuneCommand(context, exit))
  .addCommand(reportCommand(context, exit))
  .addCommand(compareCommand(context, exit))
  .addCommand(serveCommand(context, exit))
  .addCommand(doctorCommand(context, exit))
  .addCommand(calibrateCommand(context, exit))
  .addCommand(strategiesCommand(context))
const throwInside = (command: Command): void => {
  command.exitOverride().showHelpAfterError('Run with --help for the options.')
  command.commands.forEach(throwInside)
}
throwInside(program)

try {
  await program.parseAsync()
} catch (error) {
  exitCode = explain(firstFailure(error))
}
await Promise.all([process.stdout, process.stderr].map(written))
process.exit(exitCode)

/** What a slow pipe has not taken yet would be lost with the process. */
function written(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => stream.write('', () => resolve()))
}

/** One clear message; the stack only with DEBUG. */
function explain(error: unknown): ExitCode {
  // Commander has printed its own message, or the help that was asked for.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  if (error instanceof Interruption) return error.exitCode
  const known = error instanceof AuthcostError
  const message = error instanceof Error ? error.message : String(error)
  process.stderr.write(`\n${known ? '' : 'Unexpected: '}${message}\n`)
  if (process.env.DEBUG !== undefined && error instanceof Error) {
    process.stderr.write(`${error.stack}\n${error.cause instanceof Error ? `${error.cause.stack}\n` : ''}`)
  } else if (!known) process.stderr.write('This should not happen; set DEBUG=1 to see where.\n')
  return known ? error.exitCode : 1
}
