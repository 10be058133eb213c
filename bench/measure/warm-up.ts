import type { CounterSnapshot } from '../../servers/contract/counters.ts'
import type { Load, MeasuredServer } from './probes.ts'

export interface WarmUp {
  readonly key: string
  readonly requests: number
  readonly loadMs: number
  readonly steady: boolean
  /** Requests per second in the last chunk: a first idea of the capacity. */
  readonly requestsPerSecond: number
}

export interface WarmUpOptions {
  /** Load per turn: long enough to see a cost, short enough that nobody idles long. */
  readonly chunkMs: number
  /** Steady: the CPU per request of the last three chunks lies within this share of their median. */
  readonly tolerance: number
  /** Neither fewer requests nor less load than these: JIT tiers come in steps. */
  readonly leastRequests: number
  readonly leastLoadMs: number
  readonly mostLoadMs: number
  /** A steady server that has idled so long while others warm up gets another chunk. */
  readonly longestIdleMs: number
}

/**
 * Node 20 needs at least 15,000 requests or 1.5 s (a fifth of the processes 3 to 4 s), Node 26 50,000 or 3 s
 * (docs/method.md, Traps): steadiness is judged per process, these are only its bounds.
 */
export const defaultWarmUp: WarmUpOptions = {
  chunkMs: 200,
  tolerance: 0.05,
  leastRequests: 15_000,
  leastLoadMs: 1200,
  mostLoadMs: 4000,
  longestIdleMs: 2000,
}

interface State {
  readonly server: MeasuredServer
  before: CounterSnapshot | undefined
  readonly costs: number[]
  requests: number
  loadMs: number
  requestsPerSecond: number
  loadedAtMs: number
}

/**
 * Warms all servers up in turns, chunk by chunk, until each is steady: warmed one after the other, the first would have
 * idled for seconds and measure dearer (15 to 17 us against 12 to 13 in its first round).
 */
export async function warmUp(
  servers: readonly MeasuredServer[],
  load: Pick<Load, 'saturate'>,
  signal: AbortSignal,
  options: WarmUpOptions = defaultWarmUp,
): Promise<WarmUp[]> {
  const states: State[] = servers.map((server) => ({
    server,
    before: undefined,
    costs: [],
    requests: 0,
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
    requests: state.requests,
    loadMs: state.loadMs,
    steady: isSteady(state, options),
    requestsPerSecond: state.requestsPerSecond,
  }))
}

async function loadChunk(state: State, load: Pick<Load, 'saturate'>, { chunkMs }: WarmUpOptions): Promise<void> {
  const before = state.before ?? (await state.server.snapshot())
  const result = await load.saturate(state.server.key, { durationMs: chunkMs, minResponses: 0, maxDurationMs: chunkMs })
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
  state.requests += result.requests
  state.loadMs += result.durationMs
  state.loadedAtMs = performance.now()
  state.requestsPerSecond = result.requests / (result.durationMs / 1000)
}

function isSteady(state: State, options: WarmUpOptions): boolean {
  if (
    state.loadMs < options.leastLoadMs ||
    (state.requests < options.leastRequests && state.loadMs < 2 * options.leastLoadMs)
  ) {
    return false
  }
  const last = state.costs.slice(-3)
  const middle = [...last].sort((a, b) => a - b)[1]
  return (
    last.length === 3 && middle !== undefined && last.every((cost) => Math.abs(cost / middle - 1) <= options.tolerance)
  )
}
