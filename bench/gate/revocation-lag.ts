import { setTimeout as delay } from 'node:timers/promises'
import { z } from 'zod'
import type { Identity } from '../../servers/contract/identity.ts'
import { promiseOf, type Revocation, type RevocationEvent } from '../../servers/contract/revocation.ts'
import type { ResolvedVariant } from '../../servers/contract/strategy.ts'
import type { RevocationLag } from '../record/run.ts'
import type { RequestHeaders } from './credential.ts'
import type { Answer, Send } from './http-sender.ts'
import { keepsForShorter, longestWaitMs, promisedLag, shortLifetimeS, stillAsBefore } from './promised-lag.ts'

/** Between two questions: what the lag may be read too long by. */
const pollMs = 10
/** How long a credential is asked for beyond its shortened lifetime, where each use puts the end off. */
const putOffMs = 500
/** Of credentials that end otherwise than by expiry. */
const ampleLifetimeS = 600

/** A user made for one event, signed in. */
export interface SignedInUser {
  readonly user: Identity
  readonly requestHeaders: RequestHeaders
}

/** A variant's server, and what an application does to its users there. */
export interface LagTarget {
  readonly variant: Pick<ResolvedVariant, 'traits'>
  /** The name in the record: `jwt:alg=HS256`. */
  readonly recordedAs: string
  /** Users of their own: the measured ones are left as they are. */
  createUser(options: { readonly nowMs: number; readonly lifetimeS: number }): Promise<SignedInUser>
  changeRole(userId: number, role: string): Promise<void>
  /** Of a user who is gone already it does nothing. */
  deleteUser(userId: number): Promise<void>
  /** To the server that is asked whether it still accepts. */
  readonly ask: Send
  /**
   * To the server that logs out. Another than the one asked where a server keeps answers of its own: it forgets at
   * once what it is told itself, and only the others show the lag. Of changed users no server is told.
   */
  readonly logOut: Send
}

/** Time, which tests replace. */
export interface LagClock {
  nowMs(): number
  sleep(ms: number): Promise<void>
}

/** The clock of this process; waiting ends with the signal. */
export const lagClock = (signal: AbortSignal): LagClock => ({
  nowMs: () => performance.now(),
  sleep: async (ms) => {
    await delay(ms, undefined, { signal })
  },
})

/**
 * For how long a credential is still accepted, or its user still has the old role, after an event: found by signing a new
 * user in, letting it happen and asking until the answer changes. A credential that ends by expiry alone is issued with
 * a lifetime short enough to wait for; of what servers keep for too long, the target's servers keep for `shortLifetimeS`.
 *
 * @returns undefined where nothing can be revoked; the lag absent, with its reason, where it could not be found.
 * @throws where the server does not answer.
 */
export async function measureRevocationLag(
  target: LagTarget,
  event: RevocationEvent,
  clock: LagClock,
): Promise<RevocationLag | undefined> {
  const revocation = promiseOf(target.variant.traits, event)
  const promised = promisedLag(revocation, event)
  if (promised === undefined) return undefined
  const shortened = endsByItself(revocation)
  const shorter = shortened || keepsForShorter(revocation)
  const common = {
    variant: target.recordedAs,
    event,
    ...promised,
    ...(shorter ? { lifetimeS: shortLifetimeS } : {}),
  }
  if (!shorter && typeof promised.atMostMs === 'number' && promised.atMostMs > longestWaitMs) {
    return { ...common, lagMs: { absent: `longer than the ${longestWaitMs / 1000} s that are waited for` } }
  }
  const ownLifetimeS = revocation.kind === 'at-expiry' ? revocation.lifetimeS : ampleLifetimeS
  const lifetimeS = shortened ? shortLifetimeS : ownLifetimeS
  const signedIn = await target.createUser({ nowMs: Date.now(), lifetimeS })
  try {
    // So that a cache holds it.
    const before = await target.ask('GET', '/me', signedIn.requestHeaders)
    if (before.status !== 200) {
      return { ...common, lagMs: { absent: `its fresh credential was not accepted (status ${before.status})` } }
    }
    await happen[event](target, signedIn)
    const waitMs = revocation.kind === 'when-unused' ? shortLifetimeS * 1000 + putOffMs : longestWaitMs
    return { ...common, lagMs: await askUntilChanged(target, { signedIn, event, waitMs }, clock) }
  } finally {
    await target.deleteUser(signedIn.user.userId)
  }
}

/** Whether a credential is given a shorter lifetime than its own: it is too long to wait for, or never comes in use. */
const endsByItself = (revocation: Revocation): boolean =>
  revocation.kind === 'when-unused' || (revocation.kind === 'at-expiry' && revocation.lifetimeS > shortLifetimeS)

/** Roles that seeding does not know: whoever answers one has seen the change. */
const newRole = 'changed'

const happen: Record<RevocationEvent, (target: LagTarget, signedIn: SignedInUser) => Promise<unknown>> = {
  logout: (target, { requestHeaders }) => target.logOut('POST', '/logout', requestHeaders),
  'role-change': (target, { user }) => target.changeRole(user.userId, newRole),
  'user-deletion': (target, { user }) => target.deleteUser(user.userId),
}

/** Milliseconds from the end of the event until the first request was sent that showed it; 0 where that was the first. */
async function askUntilChanged(
  target: LagTarget,
  { signedIn, event, waitMs }: { signedIn: SignedInUser; event: RevocationEvent; waitMs: number },
  clock: LagClock,
): Promise<RevocationLag['lagMs']> {
  const happenedMs = clock.nowMs()
  for (let asBefore = 0; ; asBefore++) {
    const askedMs = clock.nowMs()
    const answer = await target.ask('GET', '/me', signedIn.requestHeaders)
    const { status } = answer
    // A server that cannot tell (503) has refused nothing for good.
    if (status === 401 || (event === 'role-change' && roleIn(answer) === newRole)) {
      return asBefore === 0 ? 0 : Math.round(askedMs - happenedMs)
    }
    if (status !== 200) return { absent: `answered with status ${status} after the ${inWords[event]}` }
    if (askedMs - happenedMs >= waitMs) return { absent: stillAsBefore(waitMs) }
    await clock.sleep(pollMs)
  }
}

const inWords: Record<RevocationEvent, string> = {
  logout: 'logout',
  'role-change': 'change of role',
  'user-deletion': 'deletion',
}

const bodySchema = z.object({ role: z.string() })

function roleIn({ status, body }: Answer): string | undefined {
  if (status !== 200) return undefined
  const parsed = bodySchema.safeParse(JSON.parse(body))
  return parsed.success ? parsed.data.role : undefined
}
