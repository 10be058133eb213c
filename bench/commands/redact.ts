import { homedir } from 'node:os'

/** The command line as it may be recorded: no credentials or hosts of database URLs, no home path. */
export function redactCommandLine(argv: readonly string[]): string {
  const home = homedir()
  return ['authcost', ...argv]
    .map((argument) =>
      argument
        .replace(/postgres(ql)?:\/\/\S*/gi, 'postgres://<redacted>')
        .replace(/rediss?:\/\/\S*/gi, 'redis://<redacted>')
        .replaceAll(home === '/' ? '\u0000' : home, '~'),
    )
    .map((argument) => (/^[\w@%+=:,./~<>-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", "'\\''")}'`))
    .join(' ')
}
