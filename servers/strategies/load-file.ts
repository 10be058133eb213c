import { existsSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { AuthcostError } from '../contract/errors.ts'
import type { AnyStrategy } from '../contract/strategy.ts'
import { strategyKit } from '../contract/strategy-file.ts'

const failure = (message: string, cause?: unknown): AuthcostError =>
  new AuthcostError('strategy.file', message, { exitCode: 2, ...(cause === undefined ? {} : { cause }) })

/**
 * Loads a strategy file of the user's: a module whose default export, or export called `strategy`, was made by
 * `defineStrategy`, or is a function that makes it from what it is handed (`StrategyFile`). Runs the user's code: call
 * it in a child process only.
 *
 * @param path absolute.
 * @throws {AuthcostError} `strategy.file` when it cannot be loaded or exports no strategy.
 */
export async function loadStrategyFile(path: string): Promise<AnyStrategy> {
  if (!existsSync(path)) throw failure('There is no such strategy file. Check its path.')
  const module = await importFile(path)
  const exported = module.default ?? module.strategy
  const strategy = isFunction(exported) ? await make(exported) : exported
  if (isStrategy(strategy)) return strategy
  throw failure(
    'The strategy file exports no strategy. Make one with defineStrategy() and export it as default or as "strategy".',
  )
}

async function importFile(path: string): Promise<Record<string, unknown>> {
  try {
    return { ...(await import(pathToFileURL(path).href)) }
  } catch (error) {
    const hint = /\.[cm]?tsx?$/.test(path) ? ' This node may not read TypeScript: compile the file to JavaScript.' : ''
    throw failure(`The strategy file cannot be loaded: ${reasonOf(error)}${hint}`, error)
  }
}

async function make(exported: (...args: unknown[]) => unknown): Promise<unknown> {
  try {
    return await exported(strategyKit)
  } catch (error) {
    throw failure(`The strategy file's function failed: ${reasonOf(error)}`, error)
  }
}

const isFunction = (value: unknown): value is (...args: unknown[]) => unknown => typeof value === 'function'

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

function isStrategy(value: unknown): value is AnyStrategy {
  return (
    typeof value === 'object' &&
    value !== null &&
    'name' in value &&
    typeof value.name === 'string' &&
    ['parse', 'createSecrets', 'create'].every((name) => typeof Reflect.get(value, name) === 'function')
  )
}
