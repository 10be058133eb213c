import type { Results } from '../record/run.ts'

/** What a report is about: the question that its command asked. */
export function reportHeading({ run, tuning }: Pick<Results, 'run' | 'tuning'>): string {
  if (run.command === 'calibrate') return 'What this machine can resolve'
  if (tuning?.pool !== undefined) return 'Which pool on this machine'
  if (tuning?.token !== undefined) return 'Which token on this machine'
  return 'What authentication costs per request'
}
