import { type BoundedOrAbsent, boundsOrAbsent } from '../../record/bounded.ts'
import type { Signing } from '../../record/signing.ts'
import { restartKey } from '../../record/slice.ts'
import { restartInterval } from '../../statistics/restart-interval.ts'

/**
 * CPU of signing one credential, microseconds: what issuing one took, minus what the control took to issue one that is
 * not signed (making identities and headers, handing them to the harness), paired by round; by `restart-medians-t`.
 */
export function signingCost(signings: readonly Signing[], variant: string, control: string): BoundedOrAbsent {
  const own = signings.filter((one) => one.variant === variant)
  if (own.length === 0) return { absent: 'signing was not measured' }
  const place = (one: Signing): string => `${restartKey(one)}/${one.round}`
  const controls = new Map(signings.filter((one) => one.variant === control).map((one) => [place(one), one]))
  const restarts = new Map<string, number[]>()
  for (const one of own) {
    const other = controls.get(place(one))
    if (other === undefined) continue
    const key = restartKey(one)
    const difference = one.cpuUs / one.credentials - other.cpuUs / other.credentials
    restarts.set(key, [...(restarts.get(key) ?? []), difference])
  }
  const interval = restartInterval([...restarts.values()])
  return boundsOrAbsent(interval)
}
