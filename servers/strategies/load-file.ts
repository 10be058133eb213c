import { pathToFileURL } from 'node:url'
import { AuthcostError } from '../contract/errors.ts'
import type { AnyStrategy } from '../contract/strategy.ts'

/**
 * Loads a strategy file of the user's: a module whose default export, or export called `strategy`, was made by
 * `defineStrategy`. Runs the user's code: call it in a child process only.
 *
 * @param path absolute.
 * @throws {AuthcostError} `strategy.file` when it cannot be loaded or exports no strategy.
 */
export async function loadStrategyFile(path: string): Promise<AnyStrategy> {
  let module: Record<string, unknown>
  try {
    module = { ...(await import(pathToFileURL(path).href)) }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new AuthcostError('strategy.file', `The strategy file cannot be loaded: ${reason}`, {
      cause: error,
      exitCode: 2,
    })
  }
  for (const candidate of [module.default, module.strategy]) {
    if (isStrategy(candidate)) return candidate
  }
  throw new AuthcostError(
    'strategy.file',
    'The strategy file exports no strategy. Make one with defineStrategy() and export it as default or as "strategy".',
    { exitCode: 2 },
  )
}

function isStrategy(value: unknown): value is AnyStrategy {
  return (
    typeof value === 'object' &&
    value !== null &&
    'name' in value &&
    typeof value.name === 'string' &&
    ['parse', 'createSecrets', 'create'].every((name) => typeof Reflect.get(value, name) === 'function')
  )
}
