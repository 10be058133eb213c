import { companionsCpuUs } from '../metrics/cpu-metrics.ts'
import { boundsOrAbsent } from '../record/bounded.ts'
import {
  type Lifecycle,
  type LifecycleBatch,
  type LifecycleCall,
  type LifecycleFigure,
  type LifecycleMetric,
  lifecycleCalls,
  lifecycleMetrics,
} from '../record/lifecycle.ts'
import { type Absent, restartKey } from '../record/slice.ts'
import { anyQuantileNs, decodeHistogram } from '../statistics/histogram.ts'
import { intervalOfRestarts } from '../statistics/restart-interval.ts'
import { median } from '../statistics/samples.ts'

/** One value per restart, by `set/restart`: the median of its valid batches. */
type PerRestart = ReadonlyMap<string, number>

const isAbsent = (found: object): found is Absent => 'absent' in found

/** CPU that adds up: what can be amortised. Response times are shown per call only. */
const amortisedMetrics = lifecycleMetrics.filter((metric) => metric !== 'latencyUs')

/** The costs of calls and of cycles, from batches: medians within a restart, Student's t over restarts. */
export function lifecycleOf(batches: readonly LifecycleBatch[]): Lifecycle {
  const variants = [...new Set(batches.map(({ variant }) => variant))]
  const kinds = [...new Map(batches.map((batch) => [`${batch.call}/${batch.requestsPerToken ?? ''}`, batch])).values()]
    .map(({ call, requestsPerToken }) => ({ call, requestsPerToken }))
    .sort(
      (a, b) =>
        lifecycleCalls.indexOf(a.call) - lifecycleCalls.indexOf(b.call) ||
        (a.requestsPerToken ?? 0) - (b.requestsPerToken ?? 0),
    )
  const find = (variant: string, call: LifecycleCall, requestsPerToken?: number): readonly LifecycleBatch[] =>
    batches.filter(
      (batch) => batch.variant === variant && batch.call === call && batch.requestsPerToken === requestsPerToken,
    )
  return {
    batches: [...batches],
    calls: variants.flatMap((variant) =>
      kinds.flatMap(({ call, requestsPerToken }) => {
        const found = find(variant, call, requestsPerToken)
        if (found.length === 0) return []
        // Requests and refreshes together have no response time that anybody waits for.
        return (call === 'cycle' ? amortisedMetrics : lifecycleMetrics).map((metric) => {
          const values = perRestart(found, metric)
          return {
            variant,
            call,
            ...(requestsPerToken === undefined ? {} : { requestsPerToken }),
            metric,
            figure: isAbsent(values) ? values : figureOf(values),
            restarts: isAbsent(values) ? 0 : values.size,
          }
        })
      }),
    ),
    passwordHash: lifecycleMetrics.map((metric) => ({ metric, figure: passwordHash(variants, metric, find) })),
    amortised: variants.flatMap((variant) =>
      kinds.flatMap(({ call, requestsPerToken }) =>
        call !== 'cycle' || requestsPerToken === undefined || find(variant, call, requestsPerToken).length === 0
          ? []
          : amortisedMetrics.map((metric) => ({
              variant,
              requestsPerToken,
              metric,
              ...amortised(
                {
                  request: perRestart(find(variant, 'request'), metric),
                  refresh: perRestart(find(variant, 'refresh'), metric),
                  cycle: perRestart(find(variant, 'cycle', requestsPerToken), metric),
                },
                requestsPerToken,
              ),
            })),
      ),
    ),
  }
}

function perRestart(batches: readonly LifecycleBatch[], metric: LifecycleMetric): PerRestart | Absent {
  const restarts = new Map<string, number[]>()
  let missing: Absent | undefined
  for (const batch of batches) {
    if (batch.doubts.length > 0) continue
    const value = perCall(batch, metric)
    if (typeof value !== 'number') {
      missing ??= value
      continue
    }
    const restart = restartKey(batch)
    restarts.set(restart, [...(restarts.get(restart) ?? []), value])
  }
  if (restarts.size === 0) return missing ?? { absent: batches.length === 0 ? 'not measured' : 'no batch was valid' }
  return new Map([...restarts].map(([restart, values]) => [restart, median(values)]))
}

/** Microseconds per call; response time: the median of the batch. */
function perCall(batch: LifecycleBatch, metric: LifecycleMetric): number | Absent {
  switch (metric) {
    case 'appCpuUs':
      return batch.app.cpuUs / batch.calls
    case 'databaseCpuUs':
      return isAbsent(batch.database) ? batch.database : batch.database.cpuUs / batch.calls
    case 'totalCpuUs': {
      if (isAbsent(batch.database)) return batch.database
      const companions = companionsCpuUs(batch.processes)
      if (typeof companions !== 'number') return companions
      return (batch.app.cpuUs + batch.database.cpuUs + companions) / batch.calls
    }
    case 'latencyUs': {
      const ns = anyQuantileNs(decodeHistogram(batch.latency), 0.5)
      return ns === undefined ? { absent: 'nothing was answered' } : ns / 1000
    }
  }
}

const figureOf = (values: PerRestart): LifecycleFigure => boundsOrAbsent(intervalOfRestarts([...values.values()]))

/** Per restart the median over the variants: each paid for the same hash. */
function passwordHash(
  variants: readonly string[],
  metric: LifecycleMetric,
  find: (variant: string, call: LifecycleCall) => readonly LifecycleBatch[],
): LifecycleFigure {
  const differences = new Map<string, number[]>()
  let missing: Absent | undefined
  for (const variant of variants) {
    const login = perRestart(find(variant, 'login'), metric)
    const without = perRestart(find(variant, 'sign-in'), metric)
    if (isAbsent(login) || isAbsent(without)) {
      missing ??= isAbsent(login) ? login : isAbsent(without) ? without : undefined
      continue
    }
    for (const [restart, value] of login) {
      const rest = without.get(restart)
      if (rest !== undefined) differences.set(restart, [...(differences.get(restart) ?? []), value - rest])
    }
  }
  if (differences.size === 0) return missing ?? { absent: 'no login was measured' }
  return boundsOrAbsent(intervalOfRestarts([...differences.values()].map((values) => median(values))))
}

type Parts = Readonly<Record<'request' | 'refresh' | 'cycle', PerRestart | Absent>>
type Amortised = Pick<Lifecycle['amortised'][number], 'measured' | 'formula' | 'difference' | 'agrees'>

/** Paired within restarts: servers of one start share what makes them differ from those of the next. */
function amortised({ request, refresh, cycle }: Parts, requestsPerToken: number): Amortised {
  const measured = isAbsent(cycle) ? cycle : figureOf(cycle)
  if (isAbsent(request)) return { measured, formula: request, difference: request }
  if (isAbsent(refresh)) return { measured, formula: refresh, difference: refresh }
  const formula = new Map(
    [...request].flatMap(([restart, us]): [string, number][] => {
      const renewing = refresh.get(restart)
      return renewing === undefined ? [] : [[restart, us + renewing / requestsPerToken]]
    }),
  )
  if (isAbsent(cycle)) return { measured, formula: figureOf(formula), difference: cycle }
  const differences = [...cycle].flatMap(([restart, us]) => {
    const predicted = formula.get(restart)
    return predicted === undefined ? [] : [us - predicted]
  })
  const difference = intervalOfRestarts(differences)
  return {
    measured,
    formula: figureOf(formula),
    difference: boundsOrAbsent(difference),
    ...(isAbsent(difference) ? {} : { agrees: difference.low <= 0 && difference.high >= 0 }),
  }
}
