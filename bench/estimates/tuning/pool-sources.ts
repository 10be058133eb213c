import { databaseCpuUs, totalCpuUs } from '../../metrics/cpu-metrics.ts'
import type { Slice } from '../../record/slice.ts'
import type { HistogramSource } from '../histogram-figures.ts'
import type { SliceSource } from '../slice-figures.ts'

/** What a sweep of pools reads of a slice. */
const perRequest = (amount: (slice: Slice) => ReturnType<SliceSource['value']>): SliceSource => ({
  kind: 'slice',
  value: (slice) => {
    const whole = amount(slice)
    if (typeof whole !== 'number') return whole
    return slice.requests === 0 ? { absent: 'no request was answered' } : whole / slice.requests
  },
})

const ofSlice = (value: SliceSource['value']): SliceSource => ({ kind: 'slice', value })

const noQuery = { absent: 'no query was made' } as const

export const requestsPerSecond = ofSlice((slice) => slice.requests / (slice.durationMs / 1000))
export const appCpu = perRequest((slice) => slice.app.cpuUs)
export const databaseCpu = perRequest(databaseCpuUs)

/** App, database and whoever else a request passes through; the proxy that makes the distance belongs to nobody. */
export const appAndDatabaseCpu = perRequest(totalCpuUs)

export const meanWaiting = ofSlice((slice) => slice.app.pool?.meanWaiting ?? noQuery)
export const meanBusy = ofSlice((slice) => slice.app.pool?.meanBusy ?? noQuery)

const stepMeanUs = (step: 'poolWait' | 'query'): SliceSource =>
  ofSlice((slice) => {
    const histogram = slice.app.steps[step]
    return histogram === undefined || histogram.count === 0 ? noQuery : histogram.meanNs / 1000
  })

export const meanPoolWaitUs = stepMeanUs('poolWait')
export const meanQueryUs = stepMeanUs('query')

/**
 * Waiting requests by Little's law: queries per second times the mean wait of each. Of several app instances per
 * instance: a query finds those only that wait for its own pool.
 */
export const littleWaiting = (instances: number): SliceSource =>
  ofSlice((slice) => {
    const waitUs = meanPoolWaitUs.value(slice)
    return typeof waitUs === 'number' ? (slice.app.queries / instances / (slice.durationMs * 1000)) * waitUs : waitUs
  })

/** Response time at saturation: queueing, not added latency. */
export const responseTime: HistogramSource = {
  kind: 'histogram',
  quantiles: [0.5, 0.95, 0.99],
  perNs: 0.001,
  histogram: (slice) => slice.latency,
}

const step = (name: 'poolWait' | 'query'): HistogramSource => ({
  kind: 'histogram',
  quantiles: [0.5, 0.99],
  perNs: 0.001,
  histogram: (slice) => {
    const histogram = slice.app.steps[name]
    return histogram === undefined || histogram.count === 0 ? noQuery : histogram
  },
})

export const poolWait = step('poolWait')
export const query = step('query')
