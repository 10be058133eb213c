import { AwakeLoop } from './awake.ts'
import type { LoadResult } from './protocol.ts'
import { nowNs, type Window } from './window.ts'

/**
 * Connections that send their next request as soon as the last is answered, and that can be held: while held, a
 * connection keeps its next request to itself. With all held and nothing in flight, counters of server and database
 * can be read exactly, and no connection is opened or torn down inside a window.
 */
export interface ClosedLoopConnections {
  /** Lets the first so many connections send; absent: all. */
  release(connections?: number): void
  /** Keeps every further request back; resolves when nothing is in flight. */
  hold(): Promise<void>
  close(): Promise<void>
  /** Responses received since the connections were opened. */
  readonly responses: number
}

export interface ClosedLoopOptions {
  /** How many of the connections take part; absent: all. */
  readonly connections?: number | undefined
  readonly durationMs: number
  readonly minResponses: number
  readonly maxDurationMs: number
}

/** Loads one window: released at its start, held at its end, closed when the last response is in. */
export async function closedLoop(
  connections: ClosedLoopConnections,
  window: Window,
  options: ClosedLoopOptions,
): Promise<LoadResult> {
  const awake = new AwakeLoop()
  window.open()
  await new Promise<void>((resolve) => {
    const due = window.startNs + options.durationMs * 1e6
    const latest = window.startNs + options.maxDurationMs * 1e6
    let over = false
    awake.start(
      () => window.requests,
      () => {
        if (over) return
        const now = nowNs()
        if (now < due || (window.requests < options.minResponses && now < latest && window.errors === 0)) return
        over = true
        resolve()
      },
    )
    connections.release(options.connections)
  })
  let endNs: number
  try {
    await connections.hold()
    endNs = nowNs()
  } finally {
    // Whatever else the driver is asked for then must not be disturbed by it.
    awake.stop()
  }
  return window.close(endNs, awake.idleTurnShare, undefined)
}
