import { z } from 'zod'
import { usageError } from './errors.ts'
import { parameterHelp } from './parameter-help.ts'
import type { AnyStrategy, ResolvedVariant, StrategyDefinition } from './strategy.ts'

const scalarSchema = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]))

/**
 * Hides a definition's parameter type behind `parse`, so that the table, the CLI and the harness handle every strategy
 * alike.
 *
 * @throws {AuthcostError} `usage.parameter` from `parse`, when a parameter is unknown or its value is not allowed.
 */
export function defineStrategy<P>(definition: StrategyDefinition<P>): AnyStrategy {
  const defaults = scalarSchema.parse(definition.parameters.parse({}))
  const parse = (
    raw: Readonly<Record<string, unknown>>,
  ): { parameters: P; values: Record<string, string | number | boolean> } => {
    for (const name of Object.keys(raw)) {
      if (!(name in defaults)) {
        const known = Object.keys(defaults)
        throw usageError(
          'usage.parameter',
          `Strategy "${definition.name}" has no parameter "${name}". ${known.length === 0 ? 'It has none.' : `It has: ${known.join(', ')}.`}`,
        )
      }
    }
    const result = definition.parameters.safeParse(raw)
    if (!result.success) {
      const issue = result.error.issues[0]
      const name = issue?.path.join('.') ?? ''
      throw usageError(
        'usage.parameter',
        `Strategy "${definition.name}": parameter "${name}" cannot be ${JSON.stringify(raw[name])}: ${issue?.message ?? 'invalid'}.`,
        result.error,
      )
    }
    return { parameters: result.data, values: scalarSchema.parse(result.data) }
  }
  return {
    name: definition.name,
    summary: definition.summary,
    // Made when asked for: a measured server never needs it.
    get parameterHelp() {
      return parameterHelp(definition.parameters, defaults)
    },
    parse(raw): ResolvedVariant {
      const { parameters, values } = parse(raw)
      return {
        id: variantId(definition.name, values, defaults, definition.namedBy),
        strategy: definition.name,
        parameters: values,
        label: definition.label(parameters),
        needs: definition.needs(parameters),
        traits: definition.traits(parameters),
        warnings: definition.warnings(parameters),
        ...(definition.sessionLayout === undefined ? {} : { sessionLayout: definition.sessionLayout(parameters) }),
      }
    },
    createSecrets: (variant) => definition.createSecrets(parse(variant.parameters).parameters),
    async create(variant, context) {
      const factory = await definition.load()
      return factory(parse(variant.parameters).parameters, context)
    },
  }
}

/** The canonical id: parameters sorted by name, defaults left out except those in `namedBy`. */
export function variantId(
  strategy: string,
  parameters: Readonly<Record<string, string | number | boolean>>,
  defaults: Readonly<Record<string, string | number | boolean>>,
  namedBy: readonly string[] = [],
): string {
  const given = Object.entries(parameters)
    .filter(([name, value]) => defaults[name] !== value || namedBy.includes(name))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
  return given.length === 0 ? strategy : `${strategy}:${given.join(',')}`
}
