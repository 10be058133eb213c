import { promiseOf, type RevocationEvent, revocationEvents } from '../../servers/contract/revocation.ts'
import { httpSender } from '../gate/http-sender.ts'
import { needsPeer, promisedLag } from '../gate/promised-lag.ts'
import { type LagTarget, lagClock, measureRevocationLag } from '../gate/revocation-lag.ts'
import type { PlannedVariant } from '../plan/planned-variant.ts'
import type { RevocationLag } from '../record/run.ts'
import { needsPool, type ServerSurroundings, type StartedServer, startServer } from './started-server.ts'

export interface RevocationOptions {
  readonly surroundings: ServerSurroundings
  readonly signal: AbortSignal
}

/**
 * The lags of a logout, a change of role and a deleted user at a variant's running server, all three at once. Where
 * servers keep answers of their own, a second one is started for the logout. A lag that cannot be found is absent, with
 * its reason: the run goes on without it.
 *
 * @returns no entry for what there is nothing to revoke of.
 */
export async function revocationLagsOf(
  planned: PlannedVariant,
  running: StartedServer,
  options: RevocationOptions,
): Promise<readonly RevocationLag[]> {
  const asked = httpSender(running.server.url)
  try {
    const lags = await Promise.all(
      revocationEvents.map((event) => lagOf(planned, running, { ...options, event, ask: asked.send })),
    )
    return lags.flatMap((lag) => (lag === undefined ? [] : [lag]))
  } finally {
    await asked.close()
  }
}

async function lagOf(
  planned: PlannedVariant,
  running: StartedServer,
  options: RevocationOptions & Pick<LagTarget, 'ask'> & { readonly event: RevocationEvent },
): Promise<RevocationLag | undefined> {
  const { event, signal } = options
  const revocation = promiseOf(planned.variant.traits, event)
  const promised = promisedLag(revocation, event)
  if (promised === undefined) return undefined
  let peer: StartedServer | undefined
  try {
    if (event === 'logout' && needsPeer(revocation)) {
      peer = await startServer(planned, options.surroundings, [])
      // A logout that first has to open a connection would use up the lag that it should show.
      await peer.warm({ pool: needsPool(planned) })
    }
    return await measure(planned, running, { ...options, loggingOut: peer ?? running })
  } catch (error) {
    signal.throwIfAborted()
    const absent = error instanceof Error ? error.message : String(error)
    return { variant: planned.key, event, ...promised, lagMs: { absent } }
  } finally {
    await peer?.stop()
  }
}

async function measure(
  { variant, key }: PlannedVariant,
  { server }: StartedServer,
  {
    ask,
    loggingOut,
    event,
    signal,
  }: Pick<LagTarget, 'ask'> & {
    readonly loggingOut: StartedServer
    readonly event: RevocationEvent
    readonly signal: AbortSignal
  },
): Promise<RevocationLag | undefined> {
  const logsOut = httpSender(loggingOut.server.url)
  try {
    return await measureRevocationLag(
      {
        variant,
        recordedAs: key,
        createUser: (request) => server.createUser(request),
        changeRole: (userId, role) => server.changeRole(userId, role),
        deleteUser: (userId) => server.deleteUser(userId),
        ask,
        logOut: logsOut.send,
      },
      event,
      lagClock(signal),
    )
  } finally {
    await logsOut.close()
  }
}
