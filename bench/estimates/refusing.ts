import { isValid, type Slice } from '../record/slice.ts'
import { type Interval, restartInterval } from '../statistics/restart-interval.ts'

/** What it costs to refuse a request rather than to accept it. */
export interface RefusingCost {
  readonly variant: string
  /** App CPU of a refused request minus that of an accepted one, microseconds. */
  readonly difference: Interval | { readonly absent: string }
}

const cpuUs = ({ app, requests }: Slice): number => app.cpuUs / requests

/**
 * Slices of nothing but bad credentials against the slice at saturation of the same variant, process and round, which
 * came just before; per restart the median, over restarts the mean with a t interval, like every cost (docs/method.md).
 */
export function refusingCosts(slices: readonly Slice[]): RefusingCost[] {
  const usable = slices.filter(({ group }) => group === 'default')
  const refused = usable.filter(({ load }) => load.mode === 'bad-traffic' && load.badShare === 1)
  const accepted = new Map(
    usable
      .filter((slice) => slice.load.mode === 'saturation' && isValid(slice) && slice.requests > 0)
      .map((slice) => [placeOf(slice), slice]),
  )
  return [...new Set(refused.map(({ variant }) => variant))].map((variant) => {
    const restarts = new Map<string, number[]>()
    for (const slice of refused) {
      if (slice.variant !== variant) continue
      const restart = `${slice.set}/${slice.restart}`
      const differences = restarts.get(restart) ?? []
      const other = accepted.get(placeOf(slice))
      if (other !== undefined && isValid(slice) && slice.requests > 0) differences.push(cpuUs(slice) - cpuUs(other))
      restarts.set(restart, differences)
    }
    const leastRounds = Math.min(2, Math.max(...[...restarts.values()].map(({ length }) => length)))
    return { variant, difference: restartInterval([...restarts.values()], { leastRounds: Math.max(1, leastRounds) }) }
  })
}

const placeOf = ({ load, variant, set, restart, round }: Slice): string =>
  `${load.mode === 'saturation' || load.mode === 'bad-traffic' ? load.connections : 0} ${variant} ${set}/${restart}/${round}`
