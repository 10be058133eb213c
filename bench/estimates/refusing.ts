import { metricById } from '../metrics/table.ts'
import { type Absent, isValid, type Slice } from '../record/slice.ts'
import { type Interval, restartInterval } from '../statistics/restart-interval.ts'

/** What it costs to refuse a request rather than to accept it, microseconds of CPU a request. */
export interface RefusingCost {
  readonly variant: string
  /** A refused request minus an accepted one. */
  readonly app: Interval | Absent
  readonly database: Interval | Absent
  /**
   * App CPU of mixed traffic minus what its good and its bad requests cost by themselves: near 0 where refusing costs
   * among good requests what it costs alone. Absent where nothing was mixed.
   */
  readonly mixed: Interval | Absent
}

/** Slices of one variant, process and round: they followed one another within a second or two. */
interface Place {
  readonly variant: string
  readonly restart: string
  readonly accepted?: Slice
  readonly refused?: Slice
  readonly mixed?: Slice
}

type Amount = (slice: Slice) => number | Absent

const amountOf = (metric: string): Amount => {
  const source = metricById(metric)?.source
  return source?.kind === 'slice' ? source.value : () => ({ absent: `there is no metric ${metric}` })
}
const appCpuUs = amountOf('appCpuUsPerRequest')
const databaseCpuUs = amountOf('databaseCpuUsPerRequest')

/**
 * Slices of nothing but bad credentials against the slice at saturation of the same variant, process and round, which
 * came just before; per restart the median, over restarts the mean with a t interval, like every cost (docs/method.md).
 */
export function refusingCosts(slices: readonly Slice[]): RefusingCost[] {
  const places = placesOf(slices)
  const variants = new Set(places.flatMap(({ variant, refused }) => (refused === undefined ? [] : [variant])))
  return [...variants].map((variant) => {
    const own = places.filter((place) => place.variant === variant)
    return {
      variant,
      app: overRestarts(own, ({ accepted, refused }) => difference(appCpuUs, refused, accepted)),
      database: overRestarts(own, ({ accepted, refused }) => difference(databaseCpuUs, refused, accepted)),
      mixed: overRestarts(own, mixedOverParts),
    }
  })
}

function placesOf(slices: readonly Slice[]): Place[] {
  const places = new Map<string, Place>()
  for (const slice of slices) {
    const { load, group, variant, set, restart, round } = slice
    if (group !== 'default' || (load.mode !== 'saturation' && load.mode !== 'bad-traffic')) continue
    const key = `${load.connections} ${variant} ${set}/${restart}/${round}`
    const kind = load.mode === 'saturation' ? 'accepted' : load.badShare === 1 ? 'refused' : 'mixed'
    places.set(key, { ...places.get(key), variant, restart: `${set}/${restart}`, [kind]: slice })
  }
  return [...places.values()]
}

function difference(amount: Amount, one: Slice | undefined, other: Slice | undefined): number | Absent | undefined {
  if (one === undefined || other === undefined || !isValid(one) || !isValid(other)) return undefined
  const [of, against] = [amount(one), amount(other)]
  if (typeof of !== 'number') return of
  return typeof against === 'number' ? of - against : against
}

function mixedOverParts({ accepted, refused, mixed }: Place): number | Absent | undefined {
  if (mixed === undefined) return undefined
  const share = (mixed.badTraffic?.requests ?? 0) / mixed.requests
  const overGood = difference(appCpuUs, mixed, accepted)
  const refusing = difference(appCpuUs, refused, accepted)
  return typeof overGood === 'number' && typeof refusing === 'number' ? overGood - share * refusing : undefined
}

function overRestarts(
  places: readonly Place[],
  value: (place: Place) => number | Absent | undefined,
): Interval | Absent {
  const restarts = new Map<string, number[]>()
  let rounds = 0
  let missing: string | undefined
  for (const place of places) {
    const values = restarts.get(place.restart) ?? []
    const found = value(place)
    if (typeof found === 'number') values.push(found)
    else missing ??= found?.absent
    restarts.set(place.restart, values)
    rounds = Math.max(rounds, places.filter(({ restart }) => restart === place.restart).length)
  }
  const interval = restartInterval([...restarts.values()], { leastRounds: Math.min(2, Math.max(1, rounds)) })
  return 'absent' in interval && missing !== undefined ? { absent: missing } : interval
}
