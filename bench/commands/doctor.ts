import { Command } from 'commander'
import { diagnose } from '../environment/doctor/diagnose.ts'
import { renderFindings } from '../environment/doctor/render.ts'
import type { CommandContext, ExitCode } from './command-context.ts'

/** `doctor`: what on this machine hurts measuring, each with a remedy. */
export const doctorCommand = (context: CommandContext, exit: (code: ExitCode) => void): Command =>
  new Command('doctor')
    .summary('say what on this machine hurts measuring, with remedies')
    .description('Says what on this machine hurts measuring, and what to do about it. Exit code 1 when something does.')
    .option('--postgres <url>', 'also look at the other clients of this database')
    .action(async (options: { readonly postgres?: string }) => {
      const findings = await diagnose(options.postgres === undefined ? {} : { postgresUrl: options.postgres })
      context.print(renderFindings(findings))
      exit(findings.some(({ state }) => state === 'hurts') ? 1 : 0)
    })
