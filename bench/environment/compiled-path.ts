import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { AuthcostError } from '../../servers/contract/errors.ts'

/** A module that is started as a process or thread of its own: path of its source from the root, `servers/start.ts`. */
export type CompiledEntry = `${'bench' | 'servers'}/${string}.ts`

/**
 * The compiled file of a module that is started as a process or thread of its own: processes run without a loader. The same
 * from the bundle, from compiled modules and from sources (tests).
 *
 * @throws {AuthcostError} `build.missing` when it has not been built.
 */
export function compiledPath(entry: CompiledEntry): string {
  const path = join(packageRoot(import.meta.dirname), 'dist', entry.replace(/\.ts$/, '.js'))
  if (!existsSync(path)) {
    throw new AuthcostError('build.missing', `The compiled file for ${entry} is missing. Run "npm run build" first.`)
  }
  return path
}

/** The nearest folder upwards that holds a package.json. */
export function packageRoot(folder: string): string {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, 'package.json'))) return at
    if (dirname(at) === at) {
      throw new AuthcostError('build.missing', 'No package.json was found above the program. Install authcost again.')
    }
  }
}
