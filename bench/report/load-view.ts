import type { Estimate } from '../record/estimate.ts'
import type { Results } from '../record/run.ts'
import { type Load, loadKey } from '../record/slice.ts'
import type { LoadView } from './report-data.ts'

type Group = Estimate['group']

const count = (value: number): string => value.toLocaleString('en-US', { maximumFractionDigits: 0 })

/** Slices under production's own Node flags are comparable only among themselves, so the group is part of the key. */
export const viewKey = (load: Load, group: Group = 'default'): string =>
  group === 'production' ? `${loadKey(load)}+production` : loadKey(load)

function badTitle({ badShare, kind }: Extract<Load, { mode: 'bad-traffic' }>): string {
  const what = `${kind ?? 'bad'} credentials`
  if (badShare < 1) return `${Number((100 * badShare).toPrecision(3))} % ${what}`
  return `${what.charAt(0).toUpperCase()}${what.slice(1)} only`
}

/** How a load is called wherever a figure is shown: `Saturation (closed loop, 10 connections)`. */
export function loadTitle(load: Load, group: Group = 'default'): string {
  const flags = group === 'production' ? ", production's Node flags after idling" : ''
  switch (load.mode) {
    case 'saturation':
      // One connection saturates nothing.
      return load.connections === 1
        ? `Closed loop, 1 connection${flags}`
        : `Saturation (closed loop, ${count(load.connections)} connections${flags})`
    case 'fixed-rate':
      return `Fixed rate (open loop, ${count(load.requestsPerSecond)} req/s${flags})`
    case 'unloaded':
      return `Unloaded (1 connection${flags})`
    case 'bad-traffic':
      return `${badTitle(load)} (closed loop, ${count(load.connections)} ${load.connections === 1 ? 'connection' : 'connections'}${flags})`
  }
}

/** The same for the middle of a sentence or a narrow column: `fixed rate, 2,000 req/s`. */
export function loadShort(load: Load, group: Group = 'default'): string {
  const flags = group === 'production' ? ', production flags' : ''
  switch (load.mode) {
    case 'saturation':
      return load.connections === 1
        ? `closed loop, 1 connection${flags}`
        : `saturation, ${count(load.connections)} connections${flags}`
    case 'fixed-rate':
      return `fixed rate, ${count(load.requestsPerSecond)} req/s${flags}`
    case 'unloaded':
      return `unloaded, 1 connection${flags}`
    case 'bad-traffic':
      return `${badTitle(load).toLowerCase()}, ${count(load.connections)} connections${flags}`
  }
}

const modeOrder = { 'fixed-rate': 0, saturation: 1, unloaded: 2, 'bad-traffic': 3 } as const

/** A load with its group, and how it is called. */
export interface LoadInUse {
  readonly load: Load
  readonly group: Group
  readonly view: LoadView
}

/**
 * The loads that a run has slices or estimates of, in the order in which they are shown: fixed rates first (ascending),
 * because that is how a service lives; then saturation, then unloaded; production's flags last.
 */
export function loadsInUse(results: Pick<Results, 'slices' | 'estimates'>): readonly LoadInUse[] {
  const found = new Map<string, LoadInUse>()
  for (const { load, group } of [...results.estimates, ...results.slices]) {
    const key = viewKey(load, group)
    if (!found.has(key)) {
      found.set(key, {
        load,
        group,
        view: { key, mode: load.mode, title: loadTitle(load, group), short: loadShort(load, group) },
      })
    }
  }
  const rate = (load: Load): number => (load.mode === 'fixed-rate' ? load.requestsPerSecond : load.connections)
  return [...found.values()].sort(
    (a, b) =>
      Number(a.group === 'production') - Number(b.group === 'production') ||
      modeOrder[a.load.mode] - modeOrder[b.load.mode] ||
      rate(a.load) - rate(b.load),
  )
}
