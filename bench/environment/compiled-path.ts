import { existsSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { AuthcostError } from '../../servers/contract/errors.ts'

/**
 * The compiled file of a process entry, for `fork`: processes run without a loader.
 * From compiled code it is the sibling; from sources (tests) its counterpart in `dist/`.
 *
 * @param importMetaUrl `import.meta.url` of the caller.
 * @param entry path of the entry's source relative to the caller, `./postgres-supervisor.ts`.
 * @throws {AuthcostError} `build.missing` when it has not been built.
 */
export function compiledPath(importMetaUrl: string, entry: string): string {
  const caller = fileURLToPath(importMetaUrl)
  const source = join(dirname(caller), entry)
  const compiled = caller.endsWith('.ts')
    ? join(packageRoot(dirname(caller)), 'dist', relative(packageRoot(dirname(caller)), source))
    : source
  const path = compiled.replace(/\.ts$/, '.js')
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
