import type { CounterSnapshot } from '../../servers/contract/counters.ts'
import { median } from '../statistics/samples.ts'
import type { Load, MeasuredServer } from './probes.ts'

export interface WarmUp {
  readonly key: string
  /** Answered by this server so far. */
  readonly requests: number
  /** Loaded together with the others and alone, milliseconds. */
  readonly loadMs: number
  readonly steady: boolean
  /** Requests per second in the best chunk: a first idea of the capacity. */
  readonly requestsPerSecond: number
}

export interface WarmUpOptions {
  /** Load per turn: long enough to see a cost, short enough that nobody idles long. */
  readonly chunkMs: number
  /**
   * Steady: the CPU per request of the last three chunks lies within this share of their median; or it has stopped falling:
   * of six chunks or more, the cheapest of the last three is no cheaper by this share than the cheapest before.
   */
  readonly tolerance: number
  /** Connections in turns; absent: all. */
  readonly connections?: number
  /** Answered by each server, all loaded at once, before any is judged: JIT tiers come in steps. */
  readonly leastRequests: number
  /** Slow servers are cut short here, so that quick ones do not wait for them idle. */
  readonly mostTogetherMs: number
  readonly mostLoadMs: number
  /**
   * Nobody is steady before so many answers: code that no compiler has looked at yet is slow, and evenly so. It takes as many
   * as a server gives in `ofBestMs` at its best rate, between `atLeast` and `atMost`: the less code a request runs, the more
   * requests come before the compilers do. Before `amply` either, or `leastLoadMs` in turns. A server that would take longer than
   * `enoughLoadMs` of turns for them (a distant database) is judged after that time. Answers are per app instance.
   */
  readonly steadyRequests: {
    readonly atLeast: number
    readonly atMost: number
    readonly ofBestMs: number
    readonly amply: number
  }
  readonly leastLoadMs: number
  readonly enoughLoadMs: number
  /** A steady server that has idled so long while others warm up gets another chunk. */
  readonly longestIdleMs: number
}

/**
 * Node 20 needs at least 15,000 requests and 1.5 s (a fifth of the processes 3 to 4 s), Node 26 50,000 and 3 s
 * (docs/method.md, Traps): steadiness is judged per process, these are only its bounds.
 */
export const defaultWarmUp: WarmUpOptions = {
  chunkMs: 50,
  tolerance: 0.05,
  leastRequests: 8000,
  mostTogetherMs: 2500,
  mostLoadMs: 3000,
  // Sessions called steady after 1,500 to 2,700 requests cost 130 to 370 us in their first slice, after 4,300 and more 95 to 130.
  // In a disturbed hour controls warmed up by 6,400 to 11,500 requests took a fifth to a quarter more in their first round than
  // in later ones, by 12,000 and more 1 %; of HS256 6,900 to 8,000 were enough for that.
  steadyRequests: { atLeast: 5000, atMost: 13_000, ofBestMs: 600, amply: 25_000 },
  leastLoadMs: 250,
  enoughLoadMs: 2000,
  longestIdleMs: 2000,
}

/**
 * For Node 22 and later with its own flags, where the last compiler comes after 3000 calls of a function: a session cost 100 to
 * 280 us in rounds before its 12,000th request (Node 24), and 75 to 85 after it; Node 26 compiles until the 17,000th.
 */
export const patientWarmUp: WarmUpOptions = {
  ...defaultWarmUp,
  mostLoadMs: 8000,
  steadyRequests: { ...defaultWarmUp.steadyRequests, atLeast: 18_000, atMost: 18_000 },
  enoughLoadMs: 6000,
}

/** What is warmed up: the servers, their load, and how they are put on their cores. */
interface StartedServers {
  readonly servers: readonly MeasuredServer[]
  readonly load: Pick<Load, 'saturate' | 'warmUp'>
  pin(): Promise<void>
}

interface State {
  readonly server: MeasuredServer
  before: CounterSnapshot | undefined
  readonly costs: number[]
  /** Alone, in turns; the time of all together is added in the end. */
  loadMs: number
  requestsPerSecond: number
  loadedAtMs: number
}

/**
 * Warms all servers up: first together on every core, so that their compilers work side by side; then, pinned, in turns,
 * chunk by chunk, until each is steady: warmed one after the other, the first would have idled for seconds and measure
 * dearer (15 to 17 us against 12 to 13 in its first round).
 */
export async function warmUp(
  { servers, load, pin }: StartedServers,
  signal: AbortSignal,
  options: WarmUpOptions = defaultWarmUp,
): Promise<WarmUp[]> {
  const startedMs = performance.now()
  await load.warmUp({ responses: options.leastRequests, maxDurationMs: options.mostTogetherMs })
  const togetherMs = performance.now() - startedMs
  signal.throwIfAborted()
  await pin()
  const states: State[] = servers.map((server) => ({
    server,
    before: undefined,
    costs: [],
    loadMs: 0,
    requestsPerSecond: 0,
    loadedAtMs: 0,
  }))
  let turn = states
  while (turn.length > 0) {
    for (const state of turn) {
      signal.throwIfAborted()
      await loadChunk(state, load, options)
    }
    const warming = states.filter((state) => !isSteady(state, options) && state.loadMs < options.mostLoadMs)
    const now = performance.now()
    turn =
      warming.length === 0
        ? []
        : states.filter((state) => warming.includes(state) || now - state.loadedAtMs > options.longestIdleMs)
  }
  return states.map((state) => ({
    key: state.server.key,
    requests: state.before?.requests ?? 0,
    loadMs: togetherMs + state.loadMs,
    steady: isSteady(state, options),
    requestsPerSecond: state.requestsPerSecond,
  }))
}

async function loadChunk(
  state: State,
  load: Pick<Load, 'saturate'>,
  { chunkMs, connections }: WarmUpOptions,
): Promise<void> {
  const before = state.before ?? (await state.server.snapshot())
  const result = await load.saturate(state.server.key, {
    ...(connections === undefined ? {} : { connections }),
    durationMs: chunkMs,
    minResponses: 0,
    maxDurationMs: chunkMs,
  })
  const after = await state.server.snapshot()
  const requests = after.requests - before.requests
  const cpuUs =
    after.cpuUserUs +
    after.cpuSystemUs -
    before.cpuUserUs -
    before.cpuSystemUs -
    (after.readingCpuUs - before.readingCpuUs)
  state.before = after
  state.costs.push(requests === 0 ? Number.POSITIVE_INFINITY : cpuUs / requests)
  state.loadMs += result.durationMs
  state.loadedAtMs = performance.now()
  // The best chunk: the others were slowed down by compiling or by something else on the machine.
  state.requestsPerSecond = Math.max(state.requestsPerSecond, result.requests / (result.durationMs / 1000))
}

function isSteady(state: State, options: WarmUpOptions): boolean {
  const requests = (state.before?.requests ?? 0) / (state.server.instances ?? 1)
  const { atLeast, atMost, ofBestMs, amply } = options.steadyRequests
  const best = (state.requestsPerSecond * ofBestMs) / 1000 / (state.server.instances ?? 1)
  const needed = Math.min(atMost, Math.max(atLeast, best))
  const enough = requests >= amply || (requests >= needed && state.loadMs >= options.leastLoadMs)
  const judged = enough || state.loadMs >= options.enoughLoadMs
  return judged && (isLevel(state.costs, options.tolerance) || isFallingNoMore(state.costs, options.tolerance))
}

/** Chunks that are compared, and those before that they are compared with. */
const recent = 3

function isLevel(costs: readonly number[], tolerance: number): boolean {
  const last = costs.slice(-recent)
  if (last.length < recent) return false
  const middle = median(last)
  return last.every((cost) => Math.abs(cost / middle - 1) <= tolerance)
}

/** A server that warms up gets cheaper; one that is disturbed gets dearer now and then, for as long as one looks. */
function isFallingNoMore(costs: readonly number[], tolerance: number): boolean {
  if (costs.length < 2 * recent) return false
  return Math.min(...costs.slice(-recent)) >= (1 - tolerance) * Math.min(...costs.slice(0, -recent))
}
