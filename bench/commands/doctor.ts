import { Command } from 'commander'
import { usageError } from '../../servers/contract/errors.ts'
import { diagnose } from '../environment/doctor/diagnose.ts'
import { renderFindings } from '../environment/doctor/render.ts'
import { parsePostgresUrl } from '../environment/external.ts'
import { sampleCoreSpeed } from '../launch/core-speed/sample-core-speed.ts'
import type { CommandContext, ExitCode } from './command-context.ts'

/** `doctor`: what on this machine hurts measuring, each with a remedy. */
export const doctorCommand = (context: CommandContext, exit: (code: ExitCode) => void): Command =>
  new Command('doctor')
    .summary('say what on this machine hurts measuring, with remedies')
    .description('Says what on this machine hurts measuring, and what to do about it. Exit code 1 when something does.')
    .option(
      '--postgres <url>',
      'look at the other clients of this database, not for other Postgres servers on this machine',
    )
    .action(async (options: { readonly postgres?: string }) => {
      if (options.postgres !== undefined) requireAddress(options.postgres)
      const findings = await diagnose({
        coreSpeeds: sampleCoreSpeed,
        ...(options.postgres === undefined ? {} : { postgresUrl: options.postgres }),
      })
      context.print(renderFindings(findings))
      exit(findings.some(({ state }) => state === 'hurts') ? 1 : 0)
    })

/** What `run` can start itself names nothing to look at. The address is not repeated: it may hold a password. */
function requireAddress(text: string): void {
  if (!/^postgres(ql)?:\/\//.test(text)) {
    throw usageError(
      'usage.postgres-url',
      'doctor takes with --postgres the address of a database that runs, postgres://user:password@host:5432/database. It starts none.',
    )
  }
  parsePostgresUrl(text)
}
