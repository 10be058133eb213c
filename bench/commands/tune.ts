import { Command } from 'commander'
import type { CommandContext, ExitCode } from './command-context.ts'
import { tunePoolCommand } from './tune-pool.ts'
import { tuneTokenCommand } from './tune-token.ts'

/** `tune`: which settings are best here, and what the customary ones would cost. */
export function tuneCommand(context: CommandContext, exit: (code: ExitCode) => void): Command {
  return new Command('tune')
    .summary('find the best settings on this machine')
    .addCommand(tunePoolCommand(context, exit))
    .addCommand(tuneTokenCommand(context, exit))
}
