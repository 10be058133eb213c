import { usageError } from '../contract/errors.ts'
import { nearestName } from '../contract/nearest-name.ts'
import type { AnyStrategy, ResolvedVariant } from '../contract/strategy.ts'
import { betterAuth } from './better-auth.ts'
import { fastifyJwt } from './fastify-jwt.ts'
import { fastifySession } from './fastify-session.ts'
import { introspection } from './introspection.ts'
import { jwt } from './jwt.ts'
import { none } from './none.ts'
import { sealed } from './sealed.ts'
import { secureSession } from './secure-session.ts'
import { session } from './session.ts'
import { synthetic } from './synthetic.ts'

/** Libraries that people use, as they come; each is loaded only by the server that needs it. */
export const libraryStrategies: readonly AnyStrategy[] = [fastifySession, fastifyJwt, secureSession, betterAuth]

/** Every strategy there is. The CLI's help, the validation, the docs and the report follow from it. */
export const strategies: readonly AnyStrategy[] = [
  none,
  session,
  jwt,
  sealed,
  introspection,
  synthetic,
  ...libraryStrategies,
]

/** @throws {AuthcostError} `usage.strategy` with the nearest name, when there is none called so. */
export function strategyNamed(name: string): AnyStrategy {
  const found = strategies.find((strategy) => strategy.name === name)
  if (found !== undefined) return found
  const names = strategies.map((strategy) => strategy.name)
  const nearest = nearestName(name, names)
  throw usageError(
    'usage.strategy',
    `There is no strategy "${name}". ${nearest === undefined ? '' : `Did you mean "${nearest}"? `}There are: ${names.join(', ')}.`,
  )
}

/** What stands before and behind the colon of `jwt:alg=ES256,verifier=jose`, not yet looked up. */
export interface VariantText {
  readonly strategy: string
  readonly raw: Readonly<Record<string, string>>
  /** The strategy is a file of the user's: it starts with `./`, `../` or `/`. */
  readonly isFile: boolean
}

/** @throws {AuthcostError} `usage.variant` when a parameter is not `name=value` or is there twice. */
export function splitVariant(text: string): VariantText {
  const isFile = /^\.{0,2}\//.test(text)
  const colon = text.indexOf(':')
  const strategy = colon === -1 ? text : text.slice(0, colon)
  const raw: Record<string, string> = {}
  for (const part of colon === -1 ? [] : text.slice(colon + 1).split(',')) {
    const equals = part.indexOf('=')
    const name = part.slice(0, equals).trim()
    if (equals < 1 || name === '') {
      throw usageError(
        'usage.variant',
        `Variant "${text}": "${part}" is not a parameter. Write it as name=value, for example jwt:alg=ES256.`,
      )
    }
    if (Object.hasOwn(raw, name)) {
      throw usageError('usage.variant', `Variant "${text}" gives parameter "${name}" twice. Give it once.`)
    }
    raw[name] = part.slice(equals + 1).trim()
  }
  return { strategy, raw, isFile }
}

/**
 * A variant as people write it: `session`, `jwt:alg=ES256,transport=bearer`.
 *
 * @throws {AuthcostError} `usage.*` for an unknown strategy, an unknown parameter, a value that is not allowed, and for
 *   a strategy file of the user's, which has to be loaded in a process of its own.
 */
export function parseVariant(text: string): ResolvedVariant {
  const { strategy, raw, isFile } = splitVariant(text.trim())
  if (isFile) {
    throw usageError(
      'usage.variant',
      `"${strategy}" is a strategy file. It can be named only where files are loaded: run and serve.`,
    )
  }
  return strategyNamed(strategy).parse(raw)
}
