import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AuthcostError } from '../../servers/contract/errors.ts'
import { packageRoot } from '../environment/compiled-path.ts'

export interface PageAssets {
  readonly script: string
  readonly style: string
}

/**
 * The page's bundle and CSS as the build left them in `dist/`.
 *
 * @throws {AuthcostError} `report.assets` when the project was not built.
 */
export async function readPageAssets(): Promise<PageAssets> {
  const built = join(packageRoot(import.meta.dirname), 'dist', 'bench', 'report')
  try {
    const [script, style] = await Promise.all([
      readFile(join(built, 'page.js'), 'utf8'),
      readFile(join(built, 'page.css'), 'utf8'),
    ])
    return { script, style }
  } catch (cause) {
    throw new AuthcostError('report.assets', "The report's page has not been built. Run `npm run build`.", { cause })
  }
}
