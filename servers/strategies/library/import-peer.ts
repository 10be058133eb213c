import { AuthcostError } from '../../contract/errors.ts'

/**
 * Loads what an optional library brings, or says how to get it.
 *
 * @param strategy for the message.
 * @param packages what to install, as `npm install` takes it.
 * @throws {AuthcostError} `strategy.not-installed` where a package is missing; other failures of loading as they are.
 */
export async function importPeer<T>(strategy: string, packages: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load()
  } catch (error) {
    if (!isMissingModule(error)) throw error
    const names = packages.split(' ').join(', ')
    throw new AuthcostError(
      'strategy.not-installed',
      `The strategy "${strategy}" needs what is not installed here (${names}). Get it with: npm install ${packages}`,
      { cause: error },
    )
  }
}

/** ESM and CommonJS name it differently. */
const isMissingModule = (error: unknown): boolean =>
  error instanceof Error &&
  'code' in error &&
  (error.code === 'ERR_MODULE_NOT_FOUND' || error.code === 'MODULE_NOT_FOUND')
