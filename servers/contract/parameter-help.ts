import { z } from 'zod'
import type { ParameterHelp } from './strategy.ts'

const scalarSchema = z.union([z.string(), z.number(), z.boolean()])

/** What is read of a parameter's JSON Schema (2020-12). */
const parameterSchema = z.object({
  description: z.string().optional(),
  enum: z.array(scalarSchema).optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  exclusiveMinimum: z.number().optional(),
})

const objectSchema = z.object({ properties: z.record(z.string(), parameterSchema).default({}) })

/**
 * Help for each parameter of a strategy, from its schema alone, in the order of the defaults.
 *
 * @param defaults every parameter with its default value.
 */
export function parameterHelp(
  schema: z.ZodType,
  defaults: Readonly<Record<string, string | number | boolean>>,
): readonly ParameterHelp[] {
  const { properties } = objectSchema.parse(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }))
  return Object.entries(defaults).map(([name, value]) => ({
    name,
    description: properties[name]?.description ?? '',
    default: String(value),
    allowed: allowedValues(properties[name] ?? {}, value),
  }))
}

function allowedValues(parameter: z.infer<typeof parameterSchema>, example: string | number | boolean): string {
  if (parameter.enum !== undefined) return parameter.enum.join(', ')
  if (typeof example === 'boolean') return 'true, false'
  if (typeof example === 'string') return 'text'
  const { minimum, exclusiveMinimum, maximum } = parameter
  const bounds = [
    ...(minimum === undefined ? [] : [`from ${minimum}`]),
    ...(exclusiveMinimum === undefined ? [] : [`above ${exclusiveMinimum}`]),
    // zod gives every integer the largest safe one as its maximum.
    ...(maximum === undefined || maximum >= Number.MAX_SAFE_INTEGER ? [] : [`up to ${maximum}`]),
  ]
  return ['number', ...bounds].join(' ')
}
