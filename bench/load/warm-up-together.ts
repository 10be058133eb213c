import { setTimeout as sleep } from 'node:timers/promises'
import type { ClosedLoopConnections } from './closed-loop.ts'
import { nowNs, type Window } from './window.ts'

/** How often it is looked whether a target has had enough: nothing is measured, so coarse will do. */
const lookEveryMs = 5

/**
 * Loads several servers at once, each until it has answered so often, unmeasured: compilers in all of them work on
 * every core at the same time, which takes a fraction of warming them up in turns. The driver sleeps between answers.
 * Several app instances behind one target share its connections, so together they have to answer that much more often.
 */
export async function warmUpTogether(
  targets: readonly { readonly connections: ClosedLoopConnections; readonly instances: number }[],
  window: Window,
  options: { readonly responses: number; readonly maxDurationMs: number },
): Promise<void> {
  window.open()
  const latestNs = window.startNs + options.maxDurationMs * 1e6
  await Promise.all(
    targets.map(async ({ connections, instances }) => {
      const enough = connections.responses + options.responses * instances
      connections.release()
      while (connections.responses < enough && nowNs() < latestNs) await sleep(lookEveryMs)
      await connections.hold()
    }),
  )
}
