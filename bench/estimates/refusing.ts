import { metricById } from '../metrics/table.ts'
import { type Absent, type BadKind, badKindSchema, isValid, restartKey, type Slice } from '../record/slice.ts'
import { type Interval, restartInterval } from '../statistics/restart-interval.ts'
import { atReferenceSpeed } from './at-reference-speed.ts'
import type { SpeedRecord } from './core-speed.ts'

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
  /** A refused request of one kind minus an accepted one; empty where kinds were not measured by themselves. */
  readonly kinds: readonly {
    readonly kind: BadKind
    readonly app: Interval | Absent
    readonly database: Interval | Absent
  }[]
}

/** Slices of one variant, process and round: they followed one another within seconds. */
interface Place {
  readonly variant: string
  readonly restart: string
  readonly accepted?: Slice
  readonly refused?: Slice
  readonly mixed?: Slice
  /** Of nothing but one kind. */
  readonly kinds?: Partial<Readonly<Record<BadKind, Slice>>>
}

type Amount = (slice: Slice) => number | Absent

const amountOf = (metric: string): Amount => {
  const source = metricById(metric)?.source
  return source?.kind === 'slice' ? source.value : () => ({ absent: `there is no metric ${metric}` })
}
const appCpuUs = amountOf('appCpuUsPerRequest')
const databaseCpuUs = amountOf('databaseCpuUsPerRequest')

const kindsOf = (places: readonly Place[]): BadKind[] =>
  badKindSchema.options.filter((kind) => places.some(({ kinds }) => kinds?.[kind] !== undefined))

/**
 * Slices of nothing but bad credentials against the slice at saturation of the same variant, process and round, which
 * came just before; per restart the median, over restarts the mean with a t interval, like every cost (docs/method.md).
 */
export function refusingCosts(record: SpeedRecord): RefusingCost[] {
  const places = placesOf(atReferenceSpeed(record))
  const variants = new Set(places.flatMap(({ variant, refused }) => (refused === undefined ? [] : [variant])))
  return [...variants].map((variant) => {
    const own = places.filter((place) => place.variant === variant)
    return {
      variant,
      app: overRestarts(own, ({ accepted, refused }) => difference(appCpuUs, refused, accepted)),
      database: overRestarts(own, ({ accepted, refused }) => difference(databaseCpuUs, refused, accepted)),
      mixed: own.some(({ mixed }) => mixed !== undefined)
        ? overRestarts(own, mixedOverParts)
        : { absent: 'nothing was mixed' },
      kinds: kindsOf(own).map((kind) => ({
        kind,
        app: overRestarts(own, ({ accepted, kinds }) => difference(appCpuUs, kinds?.[kind], accepted)),
        database: overRestarts(own, ({ accepted, kinds }) => difference(databaseCpuUs, kinds?.[kind], accepted)),
      })),
    }
  })
}

function placesOf(slices: readonly Slice[]): Place[] {
  const places = new Map<string, Place>()
  for (const slice of slices) {
    const { load, group, variant, round } = slice
    const restart = restartKey(slice)
    if (group !== 'default' || (load.mode !== 'saturation' && load.mode !== 'bad-traffic')) continue
    const key = `${load.connections} ${variant} ${restart}/${round}`
    const place = places.get(key)
    places.set(key, { ...place, variant, restart, ...partOf(slice, place) })
  }
  return [...places.values()]
}

function partOf(slice: Slice, place: Place | undefined): Partial<Place> {
  if (slice.load.mode !== 'bad-traffic') return { accepted: slice }
  const { kind, badShare } = slice.load
  if (kind !== undefined) return { kinds: { ...place?.kinds, [kind]: slice } }
  return badShare === 1 ? { refused: slice } : { mixed: slice }
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
  let missing: string | undefined
  for (const place of places) {
    const values = restarts.get(place.restart) ?? []
    const found = value(place)
    if (typeof found === 'number') values.push(found)
    else missing ??= found?.absent
    restarts.set(place.restart, values)
  }
  const interval = restartInterval([...restarts.values()], { leastRounds: leastRoundsOf(places) })
  return 'absent' in interval && missing !== undefined ? { absent: missing } : interval
}

/** By the rounds that had bad traffic: those that were added at saturation, and other loads there, had none. */
function leastRoundsOf(places: readonly Place[]): number {
  const rounds = new Map<string, number>()
  for (const { restart, refused, mixed, kinds } of places) {
    if (refused === undefined && mixed === undefined && kinds === undefined) continue
    rounds.set(restart, (rounds.get(restart) ?? 0) + 1)
  }
  return Math.min(2, Math.max(1, ...rounds.values()))
}
