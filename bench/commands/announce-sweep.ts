import { cellsOf, type Plan } from '../plan/plan.ts'
import { predictSeconds } from '../plan/predict.ts'
import type { CommandContext } from './command-context.ts'

/** Says how much a sweep will measure, and how long that will take, before it begins. */
export function announceSweep({ progress }: CommandContext, plan: Plan): void {
  const candidates = plan.sets.flat().filter(({ role }) => role === 'candidate')
  const isSweep =
    plan.purpose !== undefined ||
    candidates.some(({ deployment }) => deployment !== undefined) ||
    plan.loads.filter(({ mode }) => mode === 'saturation').length > 1
  if (!isSweep) return
  const seconds = predictSeconds(plan)
  const time = seconds < 100 ? `${Math.ceil(seconds / 10) * 10} s` : `${Math.ceil(seconds / 60)} min`
  progress.write(`${cellsOf(plan)} cells, ${plan.restarts} restarts: about ${time}\n`)
}
