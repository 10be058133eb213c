import { readFile } from 'node:fs/promises'
import { AuthcostError } from '../../servers/contract/errors.ts'

export interface PageAssets {
  readonly script: string
  readonly style: string
}

/**
 * The page's bundle and CSS as the build left them: beside this file in `dist/`; from the sources, in `dist/` of the
 * checkout.
 *
 * @throws {AuthcostError} `report.assets` when the project was not built.
 */
export async function readPageAssets(): Promise<PageAssets> {
  const beside = new URL('./', import.meta.url)
  const built = beside.pathname.endsWith('/dist/bench/report/') ? beside : new URL('../../dist/bench/report/', beside)
  try {
    const [script, style] = await Promise.all([
      readFile(new URL('page.js', built), 'utf8'),
      readFile(new URL('page.css', built), 'utf8'),
    ])
    return { script, style }
  } catch (cause) {
    throw new AuthcostError('report.assets', "The report's page has not been built. Run `npm run build`.", { cause })
  }
}
