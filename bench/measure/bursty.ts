import { setTimeout } from 'node:timers/promises'
import { betweenWindowsMs, periodicSteps } from '../plan/periodic.ts'
import type { BurstySlice } from '../record/bursty.ts'
import type { Load as LoadRecord } from '../record/slice.ts'
import { createRandom } from '../statistics/random.ts'
import type { Load, MeasuredServer, Probes } from './probes.ts'
import { measureSlice, type SlicePlace } from './slice.ts'

const { cycles, fallingWindows, steadyPairs } = periodicSteps
/** Past the end of the period, so that the last entry has run out too. */
const marginMs = 50

export interface BurstyOptions {
  readonly place: Omit<SlicePlace, 'round' | 'position'>
  /** What the record says of it beside its windows. */
  readonly recorded: Pick<BurstySlice, 'everyMs' | 'measuredEveryMs' | 'users'>
  /** The period that is measured with. */
  readonly everyMs: number
  readonly load: Extract<LoadRecord, { mode: 'fixed-rate' }>
  readonly sliceMs: number
  readonly seed: number
  readonly signal: AbortSignal
  /** Called between slices. */
  onSlice(slice: BurstySlice): void
}

/**
 * Measures a strategy that does something dear once a period for each user, at the fixed rate and without a pause, so
 * that its clock runs as in use: first after a silence of a period, when the share of dear requests is high and falls,
 * then after two periods under load, when it is what the rate makes it.
 */
export async function measureBursty(
  server: MeasuredServer,
  load: Load,
  probes: Probes,
  options: BurstyOptions,
): Promise<void> {
  const { everyMs, place, recorded, signal } = options
  let round = 0
  const arrivals = () => createRandom(options.seed, `bursty/${place.set}/${place.restart}/${round++}`).below(2 ** 32)
  const run = async (durationMs: number) => {
    const { requestsPerSecond, arrivals: kind } = options.load
    await load.openLoop(server.key, { requestsPerSecond, durationMs, arrivals: kind, seed: arrivals() })
  }
  const window = async (purpose: BurstySlice['purpose']) => {
    signal.throwIfAborted()
    const slice = await measureSlice(
      {
        place: { ...place, round, position: 0 },
        load: options.load,
        sliceMs: options.sliceMs,
        seed: arrivals(),
      },
      server,
      load,
      probes,
    )
    const { cacheMisses, touches } = slice.app.strategy
    const misses = cacheMisses ?? touches
    if (misses !== undefined) options.onSlice({ purpose, ...recorded, misses, slice })
  }
  for (let cycle = 0; cycle < cycles; cycle++) {
    await setTimeout(everyMs + marginMs, undefined, { signal })
    await run(betweenWindowsMs)
    for (let i = 0; i < fallingWindows; i++) await window('fit')
  }
  await run(2 * everyMs)
  // Apart, so that nothing is checked with what it was derived from.
  for (let i = 0; i < steadyPairs; i++) {
    for (const purpose of ['fit', 'check'] as const) {
      await run(betweenWindowsMs)
      await window(purpose)
    }
  }
}
