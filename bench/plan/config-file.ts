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

/** Options that say the same thing in two ways: of each pair a plan takes one. */
const rivals: readonly (readonly [keyof PlanInput, keyof PlanInput])[] = [
  ['set', 'variants'],
  ['redis', 'redisImage'],
]

/** Fields that `--vary` can give in their place, by the name they have there. */
const variable = ['dbDelay', 'rate', 'sessions'] as const

/** What was typed over what a config file says: what the file says of the same thing, in whatever way, falls away. */
export function overlaid(file: PlanInput, typed: PlanInput): PlanInput {
  const dropped = new Set<string>([
    ...rivals.flatMap(([one, other]) => [
      ...(typed[one] === undefined ? [] : [other]),
      ...(typed[other] === undefined ? [] : [one]),
    ]),
    ...variable.filter((name) => typed.vary?.some((axis) => varies(axis, name))),
  ])
  const kept: PlanInput = Object.fromEntries(Object.entries(file).filter(([field]) => !dropped.has(field)))
  const replaced = variable.filter((name) => typed[name] !== undefined)
  // Not checked yet: the file may hold anything there.
  if (!Array.isArray(kept.vary)) return { ...kept, ...typed }
  const vary = kept.vary.filter((axis) => !replaced.some((name) => varies(axis, name)))
  return { ...kept, vary, ...typed }
}

const varies = (axis: unknown, name: string): boolean =>
  typeof axis === 'string' && axis.slice(0, Math.max(0, axis.indexOf('='))).trim() === name

const isObject = (value: unknown): value is Record<string, never> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
