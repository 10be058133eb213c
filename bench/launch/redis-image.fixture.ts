import { spawnSync } from 'node:child_process'
import { findRedisProgram } from './redis-program.ts'

/** An image made of this machine's own Redis or Valkey and shell, with the libraries they load: nothing is pulled. */
export function importRedisImage(tag: string): void {
  const program = findRedisProgram()
  if (program === undefined) throw new Error('there is no redis-server and no valkey-server')
  const files = new Set([program, '/bin/sh', ...librariesOf(program), ...librariesOf('/bin/sh')])
  const relative = [...files].map((path) => path.slice(1))
  // What links point to, under the names that are looked for.
  const archive = run('tar', ['--create', '--dereference', '--directory', '/', ...relative])
  run('docker', ['import', '-', tag], archive)
}

export function removeImage(tag: string): void {
  run('docker', ['image', 'rm', '--force', tag])
}

/** Absolute paths, as the loader finds them. */
const librariesOf = (program: string): string[] =>
  [
    ...run('ldd', [program])
      .toString()
      .matchAll(/(?:=> )?(\/\S+) \(0x/g),
  ].flatMap(([, path]) => path ?? [])

function run(program: string, args: readonly string[], input?: Buffer): Buffer {
  const { status, stdout, stderr, error } = spawnSync(program, args, { input, maxBuffer: 2 ** 28, timeout: 60_000 })
  if (status !== 0) throw new Error(`${program} ${args[0]}: ${error?.message ?? stderr.toString()}`)
  return stdout
}
