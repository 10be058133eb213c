import { type Absent, type ProcessCounters, probeCpuUs, type Slice } from '../record/slice.ts'
import { formatSignificant } from './format.ts'
import type { Metric } from './metric.ts'

type Amount = number | Absent

/** Per request: an amount of the slice over its requests, and the pair for the total. */
const perRequest = (amount: (slice: Slice) => Amount): Metric['source'] => ({
  kind: 'slice',
  value: (slice) => {
    const whole = amount(slice)
    return typeof whole !== 'number'
      ? whole
      : slice.requests === 0
        ? { absent: 'no request was answered' }
        : whole / slice.requests
  },
  total: (slice) => {
    const whole = amount(slice)
    return typeof whole === 'number' ? { numerator: whole, denominator: slice.requests } : whole
  },
})

/** CPU of the database for this variant. No backends and no queries is a real 0; unread is absent, never 0. */
export function databaseCpuUs(slice: Slice): Amount {
  if ('absent' in slice.database) return slice.database
  if (slice.database.backends === 0 && slice.app.queries > 0) {
    return { absent: `${slice.app.queries} queries were sent, but none of the database's backends could be found` }
  }
  return slice.database.cpuUs
}

/** A distance that is simulated costs CPU here that no real distance costs: it is nobody's. */
const isNobodys = ({ role }: ProcessCounters): boolean => role === 'delay-proxy'

/** With one of them unread, the sum is not known either. */
function sumOfCpuUs(processes: readonly ProcessCounters[]): Amount {
  let us = 0
  for (const { cpuUs } of processes) {
    if (typeof cpuUs !== 'number') return cpuUs
    us += cpuUs
  }
  return us
}

/** Of the processes beside server and Postgres that a request passes through. */
export const companionsCpuUs = (processes: readonly ProcessCounters[] = []): Amount =>
  sumOfCpuUs(processes.filter((process) => !isNobodys(process)))

/** Every process that a request passes through. */
export function totalCpuUs(slice: Slice): Amount {
  const database = databaseCpuUs(slice)
  if (typeof database !== 'number') return database
  const companions = companionsCpuUs(slice.processes)
  return typeof companions === 'number' ? slice.app.cpuUs + database + companions : companions
}

function unattributedCpuUs(slice: Slice): Amount {
  if ('absent' in slice.machine) return slice.machine
  const attributed = totalCpuUs(slice)
  if (typeof attributed !== 'number') return attributed
  const nobodys = sumOfCpuUs((slice.processes ?? []).filter(isNobodys))
  if (typeof nobodys !== 'number') return nobodys
  return slice.machine.serverCoresBusyUs - attributed - nobodys - probeCpuUs(slice)
}

const shared = {
  unit: 'us',
  direction: 'lower-is-better',
  // One connection sleeps between requests: its CPU is mostly wake-ups, no figure to compare by.
  loads: ['saturation', 'fixed-rate', 'bad-traffic'],
  kinds: ['absolute', 'cost'],
  isCpuTime: true,
  format: formatSignificant,
} as const satisfies Partial<Metric>

/** Where the CPU of a request goes. */
export const cpuMetrics: readonly Metric[] = [
  {
    ...shared,
    id: 'appCpuUsPerRequest',
    label: 'App CPU per request',
    pairwise: true,
    source: perRequest((slice) => slice.app.cpuUs),
  },
  {
    ...shared,
    id: 'databaseCpuUsPerRequest',
    label: 'Database CPU per request',
    pairwise: true,
    source: perRequest(databaseCpuUs),
  },
  {
    ...shared,
    id: 'totalCpuUsPerRequest',
    label: 'App and database CPU per request',
    pairwise: true,
    source: perRequest(totalCpuUs),
  },
  {
    ...shared,
    id: 'eventLoopUsPerRequest',
    label: 'Event loop time per request',
    pairwise: false,
    source: perRequest((slice) => slice.app.eventLoopActiveUs),
  },
  {
    ...shared,
    id: 'unattributedCpuUsPerRequest',
    label: 'Other CPU of the server cores per request',
    pairwise: false,
    source: perRequest(unattributedCpuUs),
  },
  {
    ...shared,
    id: 'gcUsPerRequest',
    label: 'Garbage collection per request',
    pairwise: false,
    source: perRequest((slice) => slice.app.gcDurationUs),
  },
]
