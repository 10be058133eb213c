import type { Results } from '../record/run.ts'
import type { ExitCode } from './command-context.ts'

/** Codes of warnings after which a variant must not pass for a sound one. */
const wrongAnswers = ['false-accept', 'false-refusal', 'wrong-refusal'] as const

/** 3 where a variant was left out, or answered wrongly under load. */
export function exitCodeOf({ plan, warnings }: Pick<Results, 'plan' | 'warnings'>): ExitCode {
  const invalid =
    plan.variants.some(({ state }) => state !== 'measured') ||
    warnings.some(({ code }) => wrongAnswers.some((wrong) => wrong === code))
  return invalid ? 3 : 0
}
