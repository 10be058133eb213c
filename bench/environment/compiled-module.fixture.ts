import { pathToFileURL } from 'node:url'
import { compiledPath } from './compiled-path.ts'

/** URL of a compiled module, for a harness that a test starts and kills. */
export const compiledModule = (source: Parameters<typeof compiledPath>[0]): string =>
  pathToFileURL(compiledPath(source)).href
