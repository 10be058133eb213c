import type { Plan } from './plan.ts'
import { defaultRate, highestDefaultShare, type RateChoice } from './profile.ts'
import { mostRequestsPerSecond } from './slice-length.ts'

/**
 * The absolute rate of a fixed-rate load, the same for every variant.
 *
 * @param slowestCapacity requests per second of the slowest variant, as seen in the first warm-up
 * @returns a rate of two significant digits, at least 1
 */
export function resolveRate(choice: RateChoice, slowestCapacity: number): number {
  if (choice === 'default') {
    return defaultRate <= slowestCapacity * highestDefaultShare
      ? defaultRate
      : roundDown(slowestCapacity * highestDefaultShare)
  }
  return 'share' in choice ? roundDown(choice.share * slowestCapacity) : choice.requestsPerSecond
}

/** What a rate will be as far as the plan shows it; slow variants lower it once they have warmed up. */
export const expectedRate = (plan: Plan, choice: RateChoice): number =>
  resolveRate(
    choice,
    Math.min(...plan.sets.flat().map(({ deployment }) => mostRequestsPerSecond(plan, plan.connections, deployment))),
  )

/** Two significant digits, so that a rate can be given again by hand. */
function roundDown(rate: number): number {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(rate, 1))) - 1)
  return Math.max(1, Math.floor(rate / unit) * unit)
}
