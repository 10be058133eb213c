import { readFileSync } from 'node:fs'
import { usageError } from '../../servers/contract/errors.ts'
import type { PlanInput } from './input.ts'

/**
 * Reads a JSON config file: the same fields as the options, in camelCase. Options on the command line win.
 *
 * @throws {AuthcostError} a usage error when it cannot be read or is no JSON object.
 */
export function readConfigFile(path: string): PlanInput {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (cause) {
    throw usageError(
      'usage.config',
      `Cannot read the config file ${path}: ${cause instanceof Error ? cause.message : cause}.`,
      cause,
    )
  }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw usageError('usage.config', `${path} is not JSON: ${cause instanceof Error ? cause.message : cause}.`, cause)
  }
  if (!isObject(value))
    throw usageError('usage.config', `${path} must hold one JSON object, such as { "profile": "quick" }.`)
  return value
}

const isObject = (value: unknown): value is Record<string, never> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
