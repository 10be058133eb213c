import type { IsActive } from '../plan/order.ts'
import { cellsOf, type Plan } from '../plan/plan.ts'
import { predictRestarts, predictSeconds } from '../plan/predict.ts'
import { sumOf } from '../statistics/samples.ts'
import type { CommandContext } from './command-context.ts'

interface Announcing {
  readonly progress: Pick<CommandContext['progress'], 'write'>
}

/**
 * Says how much a sweep will measure, and how long that will take, before it begins.
 *
 * @param varied whether `--vary` was given: of parameters alone the plan does not show it.
 */
export function announceSweep({ progress }: Announcing, plan: Plan, varied = false): void {
  const candidates = plan.sets.flat().filter(({ role }) => role === 'candidate')
  const isSweep =
    plan.purpose !== undefined ||
    (varied && candidates.length > 1) ||
    candidates.some(({ deployment }) => deployment !== undefined) ||
    plan.loads.filter(({ mode }) => mode === 'saturation').length > 1
  if (!isSweep) return
  progress.write(`${cellsOf(plan)} cells, ${plan.restarts} restarts: about ${timeText(predictSeconds(plan))}\n`)
}

/**
 * Says what a run that goes on still has to measure.
 *
 * @param isActive what of a sweep gets further rounds. Absent: everything.
 */
export function announceRest({ progress }: Announcing, plan: Plan, begun: number, isActive?: IsActive): void {
  const missing = plan.restarts - begun
  const restarts = missing === 1 ? '1 restart' : `${missing} restarts`
  const cells = plan.sets
    .flat()
    .filter(({ role }) => role === 'candidate')
    .flatMap((planned) => plan.loads.filter((load) => isActive?.(planned, load) ?? true))
  const whole = predictRestarts(plan)
  const rest = predictRestarts(plan, isActive).slice(begun)
  const seconds = predictSeconds(plan) - sumOf(whole) + sumOf(rest)
  progress.write(`${cells.length} cells, ${restarts} to go: about ${timeText(seconds)}\n`)
}

const timeText = (seconds: number): string =>
  seconds < 100 ? `${Math.ceil(seconds / 10) * 10} s` : `${Math.ceil(seconds / 60)} min`
