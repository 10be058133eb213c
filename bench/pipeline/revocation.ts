import { httpSender } from '../gate/http-sender.ts'
import { lagClock, measureRevocationLag, needsPeer, promisedLag } from '../gate/revocation-lag.ts'
import type { PlannedVariant } from '../plan/plan.ts'
import type { RevocationLag } from '../record/run.ts'
import { needsPool, type ServerSurroundings, type StartedServer, startServer } from './server-set.ts'

export interface RevocationOptions {
  readonly surroundings: ServerSurroundings
  readonly signal: AbortSignal
}

/**
 * The lag of a logout at a variant's running server. Where servers keep answers of their own, a second one is started
 * for it and logs out. A lag that cannot be found is absent, with its reason: the run goes on without it.
 *
 * @returns undefined where there is nothing to revoke.
 */
export async function revocationLagOf(
  planned: PlannedVariant,
  running: StartedServer,
  { surroundings, signal }: RevocationOptions,
): Promise<RevocationLag | undefined> {
  const { revocation } = planned.variant.traits
  const promised = promisedLag(revocation)
  if (promised === undefined) return undefined
  let peer: StartedServer | undefined
  try {
    if (needsPeer(revocation)) {
      peer = await startServer(planned, surroundings, [])
      // A logout that first has to open a connection would use up the lag that it should show.
      await peer.warm({ pool: needsPool(planned) })
    }
    return await measure(planned, running, peer ?? running, signal)
  } catch (error) {
    signal.throwIfAborted()
    const absent = error instanceof Error ? error.message : String(error)
    return { variant: planned.key, event: 'logout', ...promised, lagMs: { absent } }
  } finally {
    await peer?.stop()
  }
}

async function measure(
  { variant, key }: PlannedVariant,
  running: StartedServer,
  peer: StartedServer,
  signal: AbortSignal,
): Promise<RevocationLag | undefined> {
  const asked = httpSender(running.server.url)
  const loggingOut = httpSender(peer.server.url)
  try {
    return await measureRevocationLag(
      {
        variant,
        recordedAs: key,
        issue: (request) => running.server.issue(request),
        ask: asked.send,
        logOut: loggingOut.send,
      },
      lagClock(signal),
    )
  } finally {
    await Promise.all([asked.close(), loggingOut.close()])
  }
}
