import { type Command, Option } from 'commander'
import { type PlanInput, planInputSchema } from '../plan/input.ts'

const shape: Record<string, { readonly description?: string | undefined }> = planInputSchema.shape

/** What a field of the plan is, as `--help` says it. */
export const described = (field: string): string => shape[field]?.description ?? ''

export const withDefault = (description: string, value: unknown): string => `${description} (default: ${String(value)})`

/** The name of a field on the command line: `poolSize` is `pool-size`. */
export const kebab = (field: string): string => field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

/**
 * Adds fields of the plan as options.
 *
 * @param fields in the order of `--help`, each with what stands for its value: `{ poolSize: '<n>' }`
 * @param describe what `--help` says of a field
 */
export function addPlanOptions(
  command: Command,
  fields: Readonly<Partial<Record<keyof PlanInput, string>>>,
  describe: (field: string) => string = described,
): Command {
  for (const [field, value] of Object.entries(fields)) {
    command.addOption(new Option(`--${kebab(field)} ${value}`, describe(field)))
  }
  return command
}
