import { promiseOf, type RevocationEvent, revocationEvents } from '../../servers/contract/revocation.ts'
import { httpSender } from '../gate/http-sender.ts'
import { keepsForShorter, needsPeer, promisedLag, shortLifetimeS } from '../gate/promised-lag.ts'
import { type LagTarget, lagClock, measureRevocationLag } from '../gate/revocation-lag.ts'
import { mostServersAtOnce, type Plan, plannedVariants } from '../plan/plan.ts'
import type { PlannedVariant } from '../plan/planned-variant.ts'
import type { RevocationLag } from '../record/run.ts'
import { needsPool, type ServerSurroundings, type StartedServer, startServer } from './started-server.ts'

/** Each further server asks one thing at a time; a denylist listens on a connection of its own. */
const furtherPoolSize = 1
const furtherConnections = furtherPoolSize + 1

/** Connections of the servers that are started for this beside those of the gate, at the most. */
export const revocationConnections = (plan: Plan): number => {
  const peers = plannedVariants(plan).filter(({ variant }) =>
    revocationEvents.some((event) => needsPeer(promiseOf(variant.traits, event))),
  )
  return 2 * furtherConnections * Math.min(peers.length, mostServersAtOnce)
}

export interface RevocationOptions {
  readonly surroundings: ServerSurroundings
  readonly signal: AbortSignal
}

/**
 * The lags of a logout, a change of role and a deleted user at a variant's running server, all three at once. Where
 * servers keep answers of their own, a second one is started for the logout; where they keep them for longer than can be
 * waited for, both are started to keep them for less. A lag that cannot be found is absent, with its reason: the run goes
 * on without it.
 *
 * @returns no entry for what there is nothing to revoke of.
 */
export async function revocationLagsOf(
  planned: PlannedVariant,
  running: StartedServer,
  options: RevocationOptions,
): Promise<readonly RevocationLag[]> {
  const { traits } = planned.variant
  if (!revocationEvents.some((event) => keepsForShorter(promiseOf(traits, event)))) {
    return lagsAt(planned, running, options)
  }
  const surroundings = { ...options.surroundings, periodMs: shortLifetimeS * 1000 }
  let shorter: StartedServer | undefined
  try {
    shorter = await startFurther(planned, surroundings)
    return await lagsAt(planned, shorter, { ...options, surroundings })
  } catch (error) {
    options.signal.throwIfAborted()
    return revocationEvents.flatMap((event) => notFound(planned, event, error) ?? [])
  } finally {
    await shorter?.stop()
  }
}

/** A server that only few requests are sent to. */
async function startFurther(planned: PlannedVariant, surroundings: ServerSurroundings): Promise<StartedServer> {
  const { plan } = surroundings
  const further = await startServer(planned, { ...surroundings, plan: { ...plan, poolSize: furtherPoolSize } }, [])
  try {
    // A logout that first has to open a connection would use up the lag that it should show.
    await further.warm({ pool: needsPool(planned) })
    return further
  } catch (error) {
    await further.stop()
    throw error
  }
}

/** @returns undefined for what there is nothing to revoke of. */
function notFound(planned: PlannedVariant, event: RevocationEvent, error: unknown): RevocationLag | undefined {
  const promised = promisedLag(promiseOf(planned.variant.traits, event), event)
  const absent = error instanceof Error ? error.message : String(error)
  return promised === undefined ? undefined : { variant: planned.key, event, ...promised, lagMs: { absent } }
}

async function lagsAt(
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
  if (revocation.kind === 'not-applicable') return undefined
  let peer: StartedServer | undefined
  try {
    if (event === 'logout' && needsPeer(revocation)) peer = await startFurther(planned, options.surroundings)
    return await measure(planned, running, { ...options, loggingOut: peer ?? running })
  } catch (error) {
    signal.throwIfAborted()
    return notFound(planned, event, error)
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
