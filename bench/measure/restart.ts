import { setTimeout } from 'node:timers/promises'
import { furtherRound, type IsActive, type PlannedRound, roundsOf } from '../plan/order.ts'
import type { Plan } from '../plan/plan.ts'
import { openLoopConnections, type PlannedLoad } from '../plan/planned-load.ts'
import type { PlannedVariant } from '../plan/planned-variant.ts'
import type { RateChoice } from '../plan/profile.ts'
import { sliceMsUnder } from '../plan/slice-length.ts'
import type { Signing } from '../record/signing.ts'
import type { Load as LoadRecord, Slice } from '../record/slice.ts'
import { createRandom } from '../statistics/random.ts'
import { wantsFurtherRound } from './further-rounds.ts'
import type { Load, MeasuredServer, Probes } from './probes.ts'
import { measureSignings } from './signings.ts'
import { measureSlice } from './slice.ts'
import { defaultWarmUp, type WarmUp, type WarmUpOptions, warmUp } from './warm-up.ts'

/** One set of servers, started and connected; the restart ends with its disposal. */
export interface StartedSet extends AsyncDisposable {
  readonly servers: readonly MeasuredServer[]
  readonly load: Load
  /**
   * Load at a fixed rate by clients who come with a new credential once theirs has been in use for so long. Absent where
   * nobody was given credentials for it.
   */
  renewing?(serverKey: string, everyMs: number): Promise<Load & AsyncDisposable>
  /** Who serves a variant in this restart; undefined where it was left out by the gate. */
  serverOf(variantKey: string): MeasuredServer | undefined
  /** Puts every server on its cores; before that, starting and compiling may use them all. */
  pin(): Promise<void>
}

export interface RestartPlace {
  readonly set: number
  readonly restart: number
  readonly group: Slice['group']
}

export interface RestartOptions {
  readonly plan: Plan
  readonly place: RestartPlace
  readonly probes: Probes
  readonly signal: AbortSignal
  /** Whether a variant is still measured under a load. Absent: all are. */
  readonly isActive?: IsActive | undefined
  /** How long the servers idle, connected, before their first load, milliseconds. */
  readonly idleMs: number
  /** The absolute rate of a fixed-rate load; called after the warm-up. */
  rateOf(choice: RateChoice, warmUps: readonly WarmUp[]): number
  onWarmUp(warmUps: readonly WarmUp[]): void
  /** Called between slices, never while one runs. */
  onSlice(slice: Slice): void
  /** Doubtful slices make one more round of so many slices. */
  onFurtherRound(slices: number): void
  /** What issuing credentials took. Absent: it is not measured. */
  onSignings?: ((signings: readonly Signing[]) => void) | undefined
  /** Absent: `defaultWarmUp`. */
  readonly warmUp?: WarmUpOptions
  /** A server that has idled for longer is loaded for a moment before its slice. Absent: 3 s. */
  readonly longestIdleMs?: number
  /** About to be measured; for the progress display. */
  onStart(what: { readonly variant: PlannedVariant; readonly load: LoadRecord; readonly round: number }): void
}

/** What has gone cold meanwhile (caches, the clock of the core, a heap that was given back) is no part of a request's cost. */
const defaultLongestIdleMs = 3000
/** How long such a server is loaded, unmeasured. */
const wakeUpMs = 100

/** Warms one started set up and measures its rounds. */
export async function measureRestart(started: StartedSet, options: RestartOptions): Promise<void> {
  const { plan, place, signal } = options
  if (options.idleMs > 0) await setTimeout(options.idleMs, undefined, { signal })
  const warmUps = await warmUp(started, signal, { ...(options.warmUp ?? defaultWarmUp), connections: plan.connections })
  options.onWarmUp(warmUps)
  const rounds = roundsOf(plan, place.set, place.restart, options.isActive)
  const further = new Map<PlannedLoad, number>()
  const loadedAtMs = new Map(started.servers.map((server) => [server, performance.now()]))
  const blocks = new Map<string, Slice[]>()
  for (const [index, round] of rounds.entries()) {
    const slices = blocks.get(round.block) ?? []
    blocks.set(round.block, slices)
    slices.push(...(await measureRound(started, options, round, warmUps, loadedAtMs)))
    if (rounds.slice(index + 1).some(({ block }) => block === round.block)) continue
    for (let added = 0; wantsFurtherRound(round.load, slices, added); added++) {
      const number = further.get(round.load) ?? 0
      further.set(round.load, number + 1)
      const more = furtherRound(plan, place, rounds, round, number)
      options.onFurtherRound(more.order.length)
      slices.push(...(await measureRound(started, options, more, warmUps, loadedAtMs)))
    }
  }
  options.onSignings?.(await measureSignings(started, options))
}

/** Each variant of one round, one after the other. */
async function measureRound(
  started: StartedSet,
  options: RestartOptions,
  { load: planned, round, order, further }: PlannedRound,
  warmUps: readonly WarmUp[],
  loadedAtMs: Map<MeasuredServer, number>,
): Promise<Slice[]> {
  const { plan, place, signal } = options
  const load = resolveLoad(planned, (choice) => options.rateOf(choice, warmUps))
  const slices: Slice[] = []
  for (const [position, variant] of order.entries()) {
    signal.throwIfAborted()
    const server = started.serverOf(variant.key)
    // Left out by the gate, with a message.
    if (server === undefined) continue
    await server.become?.(variant.key)
    options.onStart({ variant, load, round })
    const idleMs = performance.now() - (loadedAtMs.get(server) ?? 0)
    if (idleMs > (options.longestIdleMs ?? defaultLongestIdleMs)) await wakeUp(server, started.load, plan)
    const slice = await measureSlice(
      {
        place: {
          ...place,
          round,
          ...(further === undefined ? {} : { further }),
          position,
          variant: variant.key,
          role: variant.role,
        },
        load,
        sliceMs: sliceMsUnder(load, planned.sliceMs),
        ...('mayIdle' in planned ? { leastResponses: planned.leastResponses, mayIdle: planned.mayIdle } : {}),
        // Every variant of a round meets the same arrivals.
        seed: createRandom(plan.seed, `arrivals/${place.set}/${place.restart}/${round}`).below(2 ** 32),
      },
      server,
      started.load,
      options.probes,
    )
    loadedAtMs.set(server, performance.now())
    options.onSlice(slice)
    slices.push(slice)
  }
  return slices
}

const wakeUp = (server: MeasuredServer, load: Load, { connections }: Plan) =>
  load.saturate(server.key, { connections, durationMs: wakeUpMs, minResponses: 0, maxDurationMs: wakeUpMs })

function resolveLoad(planned: PlannedLoad, rateOf: (choice: RateChoice) => number): LoadRecord {
  switch (planned.mode) {
    case 'saturation':
      return { mode: 'saturation', connections: planned.connections }
    case 'unloaded':
      return { mode: 'unloaded', connections: 1 }
    case 'bad-traffic':
      return {
        mode: 'bad-traffic',
        connections: planned.connections,
        badShare: planned.badShare,
        ...(planned.kind === undefined ? {} : { kind: planned.kind }),
      }
    case 'fixed-rate':
      return {
        mode: 'fixed-rate',
        connections: openLoopConnections,
        requestsPerSecond: rateOf(planned.rate),
        arrivals: 'poisson',
      }
  }
}
