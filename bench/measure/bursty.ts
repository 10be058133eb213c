import { setTimeout } from 'node:timers/promises'
import { betweenWindowsMs, drawnSteps, periodicSteps } from '../plan/periodic.ts'
import type { BurstySlice } from '../record/bursty.ts'
import type { Load as LoadRecord } from '../record/slice.ts'
import { createRandom, shuffle } from '../statistics/random.ts'
import type { Load, MeasuredServer, Probes } from './probes.ts'
import { measureSlice, type SlicePlace } from './slice.ts'

/** Past the end of the period, so that the last entry has run out too. */
const marginMs = 50

export interface BurstyOptions {
  readonly place: Omit<SlicePlace, 'round' | 'position'>
  /** What the record says of it beside its windows. */
  readonly recorded: Pick<BurstySlice, 'everyMs' | 'measuredEveryMs' | 'users'>
  /** The period that is measured with. */
  readonly everyMs: number
  /** Where the clock is the clients': the shares of misses that the costs are taken from. Absent: it is the server's. */
  readonly drawnShares?: readonly number[]
  readonly load: Extract<LoadRecord, { mode: 'fixed-rate' }>
  readonly sliceMs: number
  readonly seed: number
  readonly signal: AbortSignal
  /** Called between slices. */
  onSlice(slice: BurstySlice): void
}

/** Measures a strategy that does something dear once a period for each user, at the fixed rate and without a pause. */
export async function measureBursty(
  server: MeasuredServer,
  load: Load,
  probes: Probes,
  options: BurstyOptions,
): Promise<void> {
  const { drawnShares, everyMs, place, recorded, signal } = options
  let round = 0
  const arrivals = () => createRandom(options.seed, `bursty/${place.set}/${place.restart}/${round++}`).below(2 ** 32)
  const { requestsPerSecond, arrivals: kind } = options.load
  const run: Steps['run'] = async (durationMs, { lapsedShare, requestsPerSecond: rate = requestsPerSecond } = {}) => {
    signal.throwIfAborted()
    await load.openLoop(server.key, {
      ...{ requestsPerSecond: rate, durationMs, arrivals: kind, seed: arrivals() },
      ...(lapsedShare === undefined ? {} : { lapsedShare }),
    })
  }
  const window: Steps['window'] = async (purpose, lapsedShare) => {
    signal.throwIfAborted()
    const slice = await measureSlice(
      {
        place: { ...place, round, position: 0 },
        load: options.load,
        sliceMs: options.sliceMs,
        seed: arrivals(),
        lapsedShare,
      },
      server,
      load,
      probes,
    )
    const { cacheMisses, touches } = slice.app.strategy
    const misses = cacheMisses ?? touches
    if (misses !== undefined) options.onSlice({ purpose, ...recorded, misses, slice })
  }
  const silence: Steps['silence'] = () => setTimeout(everyMs + marginMs, undefined, { signal })
  const steps: Steps = { everyMs, run, window, silence }
  if (drawnShares === undefined) await byTheServersClock(steps)
  else {
    const order = createRandom(options.seed, `shares/${place.set}/${place.restart}`)
    await byTheClientsClock(steps, () => shuffle([...drawnShares, undefined], order))
  }
}

interface Steps {
  readonly everyMs: number
  /** Unmeasured load; misses by the clock, or drawn in this share of the requests. */
  run(
    durationMs: number,
    other?: { readonly lapsedShare?: number | undefined; readonly requestsPerSecond?: number },
  ): Promise<void>
  window(purpose: BurstySlice['purpose'], lapsedShare?: number): Promise<void>
  silence(): Promise<void>
}

/** First after a silence of a period, when the share of misses is high and falls; then when it is what the rate makes it. */
async function byTheServersClock({ everyMs, run, window, silence }: Steps): Promise<void> {
  const { cycles, fallingWindows, steadyPairs } = periodicSteps
  for (let cycle = 0; cycle < cycles; cycle++) {
    await silence()
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

/**
 * What clients leave away needs no silence: windows with shares of misses that are drawn, and windows by the clients'
 * clock, which stands still meanwhile, in turns.
 */
async function byTheClientsClock(
  { everyMs, run, window }: Steps,
  drawOrder: () => readonly (number | undefined)[],
): Promise<void> {
  const { blocks, missesFirst } = drawnSteps
  await run(missesFirst.durationMs, { ...missesFirst, lapsedShare: 1 })
  await run(2 * everyMs)
  for (let block = 0; block < blocks; block++) {
    for (const lapsedShare of drawOrder()) {
      await run(betweenWindowsMs, { lapsedShare })
      await window(lapsedShare === undefined ? 'check' : 'fit', lapsedShare)
    }
  }
}
