import { setTimeout as delay } from 'node:timers/promises'
import type { ResolvedVariant, Revocation } from '../../servers/contract/strategy.ts'
import type { RevocationLag } from '../record/run.ts'
import type { RequestHeaders } from './credential.ts'
import type { CredentialRequest } from './gate-target.ts'
import type { Send } from './http-sender.ts'

/** A promise that is longer is not waited for. */
const longestWaitMs = 5000
/** Between two questions: what the lag may be read too long by. */
const pollMs = 10
/**
 * Lifetime of a credential whose own is too long to wait for. Tokens count whole seconds, rounded down at issue: a
 * lifetime of one second may have ended when it begins.
 */
const shortLifetimeS = 2
/** Of credentials that end otherwise than by expiry. */
const ampleLifetimeS = 600
/** The gate's: every server has it. */
const userId = 1

/** A variant's server, and where its user logs out. */
export interface LagTarget {
  readonly variant: Pick<ResolvedVariant, 'traits'>
  /** The name in the record: `jwt:alg=HS256`. */
  readonly recordedAs: string
  issue(request: CredentialRequest): Promise<readonly RequestHeaders[]>
  /** To the server that is asked whether it still accepts. */
  readonly ask: Send
  /**
   * To the server that logs out. Another than the one asked where a server keeps answers of its own: it forgets at
   * once what it is told itself, and only the others show the lag.
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

/** What a promise comes to at the most, in milliseconds and in words; undefined where there is nothing to revoke. */
export function promisedLag(
  revocation: Revocation,
): { readonly atMostMs: number; readonly formula: string } | undefined {
  switch (revocation.kind) {
    case 'not-applicable':
      return undefined
    case 'next-request':
      return { atMostMs: 0, formula: 'refused from the next request on' }
    case 'within':
      return { atMostMs: revocation.ms, formula: `up to what the variant keeps: ${revocation.ms / 1000} s` }
    case 'at-expiry':
      return {
        atMostMs: revocation.lifetimeS * 1000,
        formula: `up to the lifetime of the credential: ${revocation.lifetimeS} s`,
      }
  }
}

/** Whether the lag shows only where the user logs out at another server than the one that is asked. */
export const needsPeer = (revocation: Revocation): boolean =>
  revocation.kind === 'within' && revocation.ms <= longestWaitMs

/**
 * For how long a credential is still accepted after its user has logged out: found by logging in, logging out and
 * asking until it is refused. A credential that ends by expiry alone is issued with a lifetime short enough to wait for.
 *
 * @returns undefined where nothing can be revoked; the lag absent, with its reason, where it could not be found.
 * @throws where the server does not answer.
 */
export async function measureRevocationLag(target: LagTarget, clock: LagClock): Promise<RevocationLag | undefined> {
  const { revocation } = target.variant.traits
  const promised = promisedLag(revocation)
  if (promised === undefined) return undefined
  const shortened = revocation.kind === 'at-expiry' && revocation.lifetimeS > shortLifetimeS
  const common = {
    variant: target.recordedAs,
    event: 'logout' as const,
    ...promised,
    ...(shortened ? { lifetimeS: shortLifetimeS } : {}),
  }
  if (!shortened && promised.atMostMs > longestWaitMs) {
    return { ...common, lagMs: { absent: `longer than the ${longestWaitMs / 1000} s that are waited for` } }
  }
  const lifetimeS = revocation.kind === 'at-expiry' ? Math.min(revocation.lifetimeS, shortLifetimeS) : ampleLifetimeS
  const headers = await logIn(target, lifetimeS)
  // So that a cache holds it.
  const before = await target.ask('GET', '/me', headers)
  if (before.status !== 200) {
    return { ...common, lagMs: { absent: `its fresh credential was not accepted (status ${before.status})` } }
  }
  await target.logOut('POST', '/logout', headers)
  return { ...common, lagMs: await askUntilRefused(target, headers, clock) }
}

async function logIn(target: LagTarget, lifetimeS: number): Promise<RequestHeaders> {
  const [headers = {}] = await target.issue({
    fromUserId: userId,
    toUserId: userId,
    nowMs: Date.now(),
    lifetimeS,
    fresh: true,
  })
  return headers
}

/** Milliseconds from the answer to the logout until the first refused request was sent; 0 where that was the first. */
async function askUntilRefused(
  target: LagTarget,
  headers: RequestHeaders,
  clock: LagClock,
): Promise<RevocationLag['lagMs']> {
  const loggedOutMs = clock.nowMs()
  for (let accepted = 0; ; accepted++) {
    const askedMs = clock.nowMs()
    const { status } = await target.ask('GET', '/me', headers)
    // A server that cannot tell (503) has refused nothing for good.
    if (status === 401) return accepted === 0 ? 0 : Math.round(askedMs - loggedOutMs)
    if (status !== 200) return { absent: `answered with status ${status} after the logout` }
    if (askedMs - loggedOutMs >= longestWaitMs) return { absent: `still accepted after ${longestWaitMs / 1000} s` }
    await clock.sleep(pollMs)
  }
}
